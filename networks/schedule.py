"""How large a step, and when?

In the beginning the network knows nothing, and large steps bring it quickly to where it should be;
in the end large steps only shake it around the place where it should come to rest. So the rate
falls: by steps, by a fixed share each time, along a straight line or half a cosine. Adam has the
opposite trouble as well. Its means know nothing either, and what it divides by is a guess: so the
rate is warmed up from nearly nothing before it falls.

A schedule is a function of t, how many steps were taken before this one, and returns a factor: 1
is the rate of the optimiser as it stands. Any function of a whole number is a schedule, and the
product of two is one; `Scheduled` puts it on an optimiser. A step is a mini-batch, not an epoch:
an epoch of n examples has ⌈n / batch_size⌉.

>>> from gradcheck.networks import SGD, CosineDecay, Scheduled, Warmup
>>> optimiser = Scheduled(SGD(0.5), Warmup(100, then=CosineDecay(900)))
>>> [round(0.5 * optimiser.schedule(t), 3) for t in (0, 49, 99, 550, 1000)]
[0.005, 0.25, 0.5, 0.25, 0.0]
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, NamedTuple, Protocol

from .optimiser import Arrays, Optimiser


class Schedule(Protocol):
    """Anything with `schedule(t) -> factor`: after t steps, the next has the optimiser's rate times the factor."""

    def __call__(self, t: int, /) -> float:
        """Return the factor."""


@dataclass(frozen=True)
class StepDecay:
    """factor to the power of ⌊t / every⌋: the rate is multiplied by the factor after each `every` steps."""

    every: int  # mini-batches
    factor: float = 0.1

    def __call__(self, t: int) -> float:
        return self.factor ** (t // _steps("StepDecay", every=self.every))


@dataclass(frozen=True)
class ExponentialDecay:
    """factorᵗ: at every step the same share of what is left."""

    factor: float

    def __call__(self, t: int) -> float:
        return self.factor**t


@dataclass(frozen=True)
class LinearDecay:
    """1 - (1 - least) t / steps: along a line, from 1 to `least`; then `least`."""

    steps: int  # mini-batches
    least: float = 0.0  # what the factor comes down to

    def __call__(self, t: int) -> float:
        return 1 - (1 - self.least) * _share(t, _steps("LinearDecay", steps=self.steps))


@dataclass(frozen=True)
class CosineDecay:
    """least + (1 - least) (1 + cos(π t / steps)) / 2: slowly, fast, slowly from 1 to `least`; then `least`.

    I. Loshchilov and F. Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017,
    equation 5; here without the restarts.
    """

    steps: int  # mini-batches
    least: float = 0.0  # what the factor comes down to

    def __call__(self, t: int) -> float:
        share = _share(t, _steps("CosineDecay", steps=self.steps))
        return self.least + (1 - self.least) * (1 + math.cos(math.pi * share)) / 2


@dataclass(frozen=True)
class InverseRootDecay:
    """1 / √(1 + t / steps): ever more slowly, and never to an end; after `steps` it is 1 / √2.

    Behind a warm-up of as many steps it is that of A. Vaswani et al., Attention is all you need,
    NeurIPS 2017, equation 3.
    """

    steps: int  # mini-batches

    def __call__(self, t: int) -> float:
        return 1 / math.sqrt(1 + t / _steps("InverseRootDecay", steps=self.steps))


@dataclass(frozen=True)
class Warmup:
    """(t + 1) / steps while t < steps; after it what comes `then`, which begins to count at zero.

    It does not begin at 0, since the first step would then do nothing.
    """

    steps: int  # mini-batches
    then: Schedule | None = None  # None: the rate stays as it is

    def __call__(self, t: int) -> float:
        steps = _steps("Warmup", steps=self.steps)
        if t < steps:
            return (t + 1) / steps
        return 1.0 if self.then is None else self.then(t - steps)


class ScheduledState(NamedTuple):
    """What is remembered: how many steps were taken, and what the optimiser remembers."""

    t: int
    inner: Any


@dataclass(frozen=True)
class Scheduled:
    """The same optimiser with its rate times schedule(t), t being the number of steps taken before."""

    optimiser: Optimiser
    schedule: Schedule

    def step(self, params: Arrays, grads: Arrays, state: ScheduledState | None = None) -> tuple[Arrays, ScheduledState]:
        """Take the optimiser's step at the rate that the schedule gives it now."""
        t, inner = state or ScheduledState(0, None)
        moved, inner = _at(self.optimiser, self.schedule(t)).step(params, grads, inner)
        return moved, ScheduledState(t + 1, inner)


def _at(optimiser: Optimiser, factor: float) -> Optimiser:
    """Return the same optimiser with its rate times the factor.

    Raises:
        ValueError: it has none.
    """
    one: Any = optimiser
    if not is_dataclass(one) or "rate" not in {f.name for f in fields(one)}:
        message = (
            f"Scheduled takes an optimiser with a rate, such as SGD or AdamW, not {type(one).__name__}; "
            "clip around it: Clipped(Scheduled(SGD(0.1), schedule), most=1.0); of two schedules write the product"
        )
        raise ValueError(message)
    other: Any = one
    return replace(other, rate=float(factor) * other.rate)  # type: ignore[no-any-return]


def _share(t: int, steps: int) -> float:
    """Return the share of the steps that are taken: 1 at their end, and from then on."""
    return min(t, steps) / steps


def _steps(who: str, **named: int) -> int:
    """Return the number of steps.

    Raises:
        ValueError: it is none.
    """
    ((name, steps),) = named.items()
    if steps < 1:
        message = f"{who}({name}={steps}): write a number of steps, that is mini-batches, of at least 1"
        raise ValueError(message)
    return steps
