"""Which gradients does a record make where its steps have kinks? With the slope on one side of each, or between both.

A layer of ReLUs at zero has no derivative, and f may have none nearby either that is what the rule of each step makes
together: that of a ReLU is 0 at zero, and so is its gradient by an input that every unit leaves at zero.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gradcheck._diagnose.evidence import Floats
from gradcheck._diagnose.steps.picks import pick
from gradcheck._diagnose.steps.way_through import MOVE, Change, Shares, WayThrough, summed

SHARES = (0.0, 0.5, 1.0)  # of the slope on the right, which a rule takes at a kink: that of a sign takes neither
DIFFER = 2.0**-6  # of the larger slope, by which the sides differ at a kink: curvature makes less of them
KINDS = 3  # of steps, each with a share of its own; of more all take the same
TWO = 2  # operands that tie

Gradients = dict[str, Floats]


class StepKink(Protocol):
    """A step at a kink, and the rules that it may be followed back by."""

    @property
    def number(self) -> int:
        """Which step it is."""

    @property
    def name(self) -> str:
        """What the step is called."""

    def shares(self, pull: Floats, share: float) -> Shares:
        """Yield what a pull on the step pulls at its operands with, by the rule of a share."""


@dataclass(frozen=True)
class Sides:
    """The slopes of a step on both sides of an operand, entry by entry."""

    operand: int
    left: Floats
    right: Floats
    kinked: NDArray[np.bool_]


@dataclass(frozen=True)
class KinkByEntry:
    """A step that works entry by entry, at a kink in some of them, of one operand or between two."""

    way: WayThrough
    number: int
    sides: Sequence[Sides]

    @property
    def name(self) -> str:
        """What the step is called."""
        return self.way.record.steps[self.number].name

    def shares(self, pull: Floats, share: float) -> Shares:
        """Yield what a pull on the step pulls at its operands with, a share of the right slope being taken.

        Where two operands tie, one takes what the other leaves.
        """
        step, of = self.way.record.steps[self.number], {side.operand: side for side in self.sides}
        for j, node in enumerate(step.operands):
            if j not in of:
                yield from ((node, self.way.share(self.number, j, pull)),) if node in self.way.moved else ()
                continue
            taken = share if j == self.sides[0].operand else 1 - share
            slope = (1 - taken) * of[j].left + taken * of[j].right
            slope = np.where(of[j].kinked, slope, self.way.derivative(self.number, j))
            yield node, summed(pull * slope, self.way.record.values[node].shape)


def kinks(way: WayThrough) -> list[StepKink]:
    """Return the steps that are at a kink: of one array, of two that tie, or of entries that tie in one."""
    return [kink for k in range(len(way.record.steps)) if (kink := _kink(way, k)) is not None]


def gradients(way: WayThrough, met: Sequence[StepKink]) -> Iterator[Gradients]:
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


def _change(met: Sequence[StepKink], share: dict[str, float]) -> Change:
    return {kink.number: lambda pull, kink=kink: kink.shares(pull, share[kink.name]) for kink in met}  # type: ignore[misc]


def _kink(way: WayThrough, k: int) -> StepKink | None:
    step = way.record.steps[k]
    if not step.by_entry:
        return pick(way, k)
    found = [side for j, node in enumerate(step.operands) if node in way.moved and (side := _of_operand(way, k, j))]
    return KinkByEntry(way, k, found) if 0 < len(found) <= TWO else None


def _of_operand(way: WayThrough, k: int, j: int) -> Sides | None:
    step, values = way.record.steps[k], way.record.values
    given = [values[node] for node in step.operands]
    x, here = given[j], values[step.made]
    move = MOVE * np.where(x == 0, 1.0, np.abs(x))
    down, up = (np.asarray(step.function([*given[:j], x + s * move, *given[j + 1 :]])) for s in (-1.0, 1.0))
    left, right = (here - down) / move, (up - here) / move
    kinked = apart(left, right)
    return Sides(j, left, right, kinked) if kinked.any() else None
