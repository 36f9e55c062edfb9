"""What do the calls of a check cost, for what, and how many may there be?"""

from __future__ import annotations

import contextlib
import functools
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from gradcheck._results.floating import DOUBLE

Floats = NDArray[np.float64]
Watch = Callable[[int, str], object]  # (so many evaluations, what for)

OPENING = "protocol"  # what the first evaluations are made for, and all that are made for nothing else
NOISE, LADDERS, SWEEP, CLOSER = "noise", "ladders", "two evaluations an entry", "closer looks"
SITES = "shifts of pre-activations"
ALONG, SECOND, NEIGHBOURS, OUTPUTS = "directions", "second opinions", "neighbours", "small outputs"
DIAGNOSIS = "diagnosis"


class Spent(BaseException):
    """An evaluation was refused; not an Exception, which a probe would take for an error of the function."""


@dataclass
class Tally:
    """What the calls of a check have cost, for what, and what was learnt from them on the way."""

    evaluations: int = 0
    most: int = sys.maxsize  # evaluations that may be made
    watch: Watch | None = None  # who is told of them
    crew: Any = None  # who takes the values of a line at several places at once, while there are workers
    spent: dict[str, int] = field(default_factory=dict)  # evaluations, by what they were made for, up to the last turn
    phase: str = OPENING  # for which they are made now
    turned: int = 0  # evaluations made before it
    whole: bool = False  # whether all that is done in it counts as it
    undone: dict[str, None] = field(default_factory=dict)  # what was left undone as no more might be made
    gradients: int = 0
    eps: float = DOUBLE  # relative rounding of the coarsest dtype that the function ever returned
    digits: dict[float, int] = field(default_factory=dict)  # by the first sums of outputs that were met: binary ones
    trouble: Exception | None = None  # the first exception of a probe
    found: dict[str, Any] = field(default_factory=dict)  # results of tensors so far, for a check that is cut short
    at: str = ""  # the tensor that is measured now
    cut: tuple[int, str] = (0, "")  # the last exception that passed here, by its identity, and for what it was called
    unit: Any = None  # of the value, where it is a quantity
    tame: set[str] = field(default_factory=set)  # which of function and gradient left the shapes of its inputs alone
    keeps: bool = False  # whether one of them held on to an array that it was given
    first: dict[str, float] = field(default_factory=dict)  # where each was called first, as a number
    rounds: list[int | None] | None = None  # of the loops of the function, at each call, while they are counted
    reshaped: dict[str, tuple[str, str]] = field(default_factory=dict)  # by which of them: an input, what it lost
    raised: int = 0  # probes at which there was one
    said: tuple[str, ...] = ()  # notes on what was learnt
    strays: dict[str, dict[str, Floats]] = field(default_factory=dict)  # moves to neighbours where something is wrong
    unbroken: int = 0  # entries, of all tensors, one after the other, near which no jump was found
    excused: float = 0.0  # of f: the most that their claims move it by, over their scale, beside its slope
    continuous: float = math.nan  # likewise, from which on a jump along all tensors at once was looked for in vain
    iterates: bool = False  # whether it takes several numbers of steps, as an iteration does
    steady: bool = False  # whether the function takes the same number of steps everywhere
    unfinished: dict[str, float] = field(default_factory=dict)  # of f, by path: what an iteration leaves
    allowed: dict[str, float] = field(default_factory=dict)  # likewise, which was allowed for in its entries
    flight: float = 0.0  # the noise of f with which entries that stand still have the slope that is claimed of them
    named: tuple[str, ...] = ()  # tensors of which it is said why they are not known any better
    seen: Spans | None = None  # of several outputs, at the places where the subject was settled
    part: bool = False  # whether this is of a part of what was found to be wrong
    least: dict[str, float] = field(default_factory=dict)  # of outputs of several sizes: the smallest error that shows

    def learn_from(self, whole: Tally) -> None:
        """Take over what is known of a whole that this is a part of: that it does not jump, and takes equal steps."""
        self.part = True
        if whole.steady and whole.unbroken and not whole.named:
            self.steady, self.unbroken, self.continuous = True, whole.unbroken, 0.0

    def asked(self, gradients: int) -> None:
        """Count gradients that were asked for elsewhere."""
        self.gradients += gradients

    def allow(self, path: str, unknown: float) -> None:
        """Remember that so much is left unknown of f, over the scale of a tensor."""
        self.allowed[path] = max(self.allowed.get(path, 0.0), unknown)

    def raised_by(self, trouble: Exception) -> None:
        """Count an exception of a probe; the first of them is kept."""
        self.trouble = self.trouble or trouble
        self.raised += 1

    def call(self, number: int = 1) -> None:
        """Count evaluations that are about to be made; raises Spent where they would be too many."""
        if self.evaluations + number > self.most:
            raise Spent
        self.evaluations += number
        if self.watch is not None:
            self.watch(number, self.phase)

    @property
    def left(self) -> int:
        """How many evaluations may still be made."""
        return self.most - self.evaluations

    @contextlib.contextmanager
    def share(self, part: float) -> Iterator[None]:
        """Allow no more than a part of what is left, for a while; all of it where nobody counts."""
        most = self.most
        if most < sys.maxsize:
            self.most = self.evaluations + math.ceil(part * max(self.left, 0))
        try:
            yield
        finally:
            self.most = most

    def leave(self, what: str) -> None:
        """Remember that something is left undone."""
        self.undone[what] = None

    def during(self, phase: str, *, whole: bool = False) -> During:
        """Return a context in which evaluations are made for something; with `whole`, whatever is done in it."""
        return During(self, phase, whole)

    def turn(self, phase: str, *, whole: bool) -> None:
        """Count the evaluations since the last turn, and go on to something else."""
        self.spent[self.phase] = self.spent.get(self.phase, 0) + self.evaluations - self.turned
        self.turned, self.phase, self.whole = self.evaluations, phase, whole

    @property
    def phases(self) -> dict[str, int]:
        """For what the evaluations were made so far, in the order in which it began."""
        self.turn(self.phase, whole=self.whole)
        return {phase: number for phase, number in self.spent.items() if number}


class During:
    """While it lasts, evaluations are made for something; within what counts as a whole nothing changes."""

    def __init__(self, tally: Tally, phase: str, whole: bool) -> None:  # noqa: FBT001  made by a tally alone
        """Take the tally that counts them."""
        self.tally, self.phase, self.whole = tally, phase, whole
        self.before = tally.phase, tally.whole

    def __enter__(self) -> None:
        """Begin."""
        self.before = self.tally.phase, self.tally.whole
        if not self.before[1]:
            self.tally.turn(self.phase, whole=self.whole)

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """End, and go on with what was begun before; where it was cut short, that is remembered."""
        if error is not None and id(error) != self.tally.cut[0]:
            self.tally.cut = id(error), self.tally.phase
        if not self.before[1]:
            phase, whole = self.before
            self.tally.turn(phase, whole=whole)


class Counting(Protocol):
    """An object that has the tally of a check."""

    @property
    def tally(self) -> Tally:
        """The tally."""


Owner = TypeVar("Owner", bound=Counting)
P = ParamSpec("P")
T = TypeVar("T")


def spending(phase: str) -> Callable[[Callable[Concatenate[Owner, P], T]], Callable[Concatenate[Owner, P], T]]:
    """Count all evaluations that a function makes, of whose first argument the tally is, for something."""

    def counted(function: Callable[Concatenate[Owner, P], T]) -> Callable[Concatenate[Owner, P], T]:
        @functools.wraps(function)
        def inside(owner: Owner, *args: P.args, **keywords: P.kwargs) -> T:
            with owner.tally.during(phase):
                return function(owner, *args, **keywords)

        return cast("Callable[Concatenate[Owner, P], T]", inside)

    return counted


@dataclass(frozen=True, eq=False)
class Spans:
    """Between which numbers every output was seen to lie, flat."""

    low: Floats
    high: Floats

    def and_at(self, output: Floats) -> Spans:
        """Return the spans with the outputs at another place."""
        return Spans(np.minimum(self.low, output), np.maximum(self.high, output))
