"""Which gradients does a record make where its steps have kinks? With the slope on one side of each, or between both.

A layer of ReLUs at zero has no derivative, and f may have none nearby either that is what the rule of each step makes
together: that of a ReLU is 0 at zero, and so is its gradient by an input that every unit leaves at zero.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradcheck._diagnose.evidence import Floats
from gradcheck._diagnose.steps.way_through import MOVE, Change, Shares, WayThrough, summed

SHARES = (0.0, 0.5, 1.0)  # of the slope on the right, which a rule takes at a kink: that of a sign takes neither
DIFFER = 2.0**-6  # of the larger slope, by which the sides differ at a kink: curvature makes less of them
KINDS = 3  # of steps, each with a share of its own; of more all take the same

Gradients = dict[str, Floats]


@dataclass(frozen=True)
class StepKink:
    """A step that works entry by entry, at a kink in some of them."""

    way: WayThrough
    number: int
    operand: int
    left: Floats
    right: Floats
    kinked: NDArray[np.bool_]

    @property
    def name(self) -> str:
        """What the step is called."""
        return self.way.record.steps[self.number].name

    def shares(self, pull: Floats, share: float) -> Shares:
        """Yield what a pull on the step pulls at its operands with, a share of the right slope being taken."""
        yield from self.way.shares(self.number, pull, but=self.operand)
        node = self.way.record.steps[self.number].operands[self.operand]
        taken = (1 - share) * self.left + share * self.right
        slope = np.where(self.kinked, taken, self.way.derivative(self.number, self.operand))
        yield node, summed(pull * slope, self.way.record.values[node].shape)


def kinks(way: WayThrough) -> list[StepKink]:
    """Return the steps that are at a kink of one array; what two arrays tie in is shared out by both."""
    return [kink for k in range(len(way.record.steps)) if (kink := _kink(way, k)) is not None]


def gradients(way: WayThrough, met: list[StepKink]) -> Iterator[Gradients]:
    """Yield what the gradients are with the same share of each kind of step at its kinks."""
    names = list(dict.fromkeys(kink.name for kink in met))
    every = itertools.product(SHARES, repeat=len(names)) if len(names) <= KINDS else ([s] * len(names) for s in SHARES)
    for shares in every:
        share = dict(zip(names, shares, strict=True))
        yield way.gradients(_change(met, share))


def apart(left: Floats, right: Floats) -> NDArray[np.bool_]:
    """Return where the slopes on two sides differ."""
    told: NDArray[np.bool_] = np.abs(right - left) > DIFFER * np.maximum(np.abs(left), np.abs(right))
    return told


def _change(met: list[StepKink], share: dict[str, float]) -> Change:
    return {kink.number: lambda pull, kink=kink: kink.shares(pull, share[kink.name]) for kink in met}  # type: ignore[misc]


def _kink(way: WayThrough, k: int) -> StepKink | None:
    step = way.record.steps[k]
    moved = [j for j, node in enumerate(step.operands) if node in way.moved]
    found = [kink for j in moved if (kink := _of_operand(way, k, j)) is not None] if step.by_entry else []
    return found[0] if len(found) == 1 else None


def _of_operand(way: WayThrough, k: int, j: int) -> StepKink | None:
    step, values = way.record.steps[k], way.record.values
    given = [values[node] for node in step.operands]
    x, here = given[j], values[step.made]
    move = MOVE * np.where(x == 0, 1.0, np.abs(x))
    down, up = (np.asarray(step.function([*given[:j], x + s * move, *given[j + 1 :]])) for s in (-1.0, 1.0))
    left, right = (here - down) / move, (up - here) / move
    kinked = apart(left, right)
    return StepKink(way, k, j, left, right, kinked) if kinked.any() else None
