"""Which of several entries that tie does a step take? The first, the last, or each in equal parts: a maximum, a sort.

No slope of such a step is measured where entries tie, but where the tie is broken: by moves so small that they break
ties only, and that grow, or fall, from entry to entry.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradcheck._diagnose.evidence import Floats
from gradcheck._diagnose.steps.way_through import (
    COLUMNS,
    DERIVATIVES,
    MATRIX_PRODUCTS,
    REARRANGED,
    Shares,
    WayThrough,
)

BREAK = 2.0**-30  # of the size of the entries, a move that breaks ties: of 10,000 entries the last moves by some 1e-5
APART = 2.0  # moves: by less the order of what they break would not stand while one entry is moved
EVEN = 0.5  # the share by which all that tie are given the same
NEAR = 2.0**-10  # of the largest slope, by which two ways to break a tie differ: a step that is smooth has one slope


@dataclass(frozen=True)
class Pick:
    """A step at which entries of one operand tie, with its derivatives where the tie is broken in either way."""

    way: WayThrough
    number: int
    operand: int
    first: Floats  # derivative of each entry that is made, by each entry, if earlier ones are larger
    last: Floats
    even: Floats

    @property
    def name(self) -> str:
        """What the step is called."""
        return self.way.record.steps[self.number].name

    def shares(self, pull: Floats, share: float) -> Shares:
        """Yield what a pull on the step pulls at its operands with: at the first, the last, or evenly."""
        yield from self.way.shares(self.number, pull, but=self.operand)
        node = self.way.record.steps[self.number].operands[self.operand]
        derivative = self.even if share == EVEN else self.first if share < EVEN else self.last
        yield node, (np.ravel(pull) @ derivative).reshape(self.way.record.values[node].shape)


def pick(way: WayThrough, k: int) -> Pick | None:
    """Return a step that is not made entry by entry, if what it makes depends on how ties are broken."""
    step = way.record.steps[k]
    if step.name in (*MATRIX_PRODUCTS, *REARRANGED):
        return None
    moved = [j for j, node in enumerate(step.operands) if node in way.moved]
    found = [tie for j in moved if (tie := _of_operand(way, k, j)) is not None]
    return found[0] if len(found) == 1 else None


def _of_operand(way: WayThrough, k: int, j: int) -> Pick | None:
    step, values = way.record.steps[k], way.record.values
    given = [np.asarray(values[node], dtype=np.float64) for node in step.operands]
    x, size = given[j], values[step.made].size
    if x.size > min(COLUMNS, DERIVATIVES // max(1, size)) or np.unique(x).size == x.size:
        return None  # no two entries are equal
    h = BREAK * (float(np.sqrt(np.mean(x * x))) or 1.0)

    def slopes(at: Floats, move: Floats) -> Floats:
        up, down = (step.function([*given[:j], at + s * move, *given[j + 1 :]]) for s in (1.0, -1.0))
        return np.ravel(np.asarray(up, dtype=np.float64) - down) / (2 * h)

    def derivative(at: Floats) -> Floats:
        return np.stack([slopes(at, h * unit.reshape(x.shape)) for unit in np.eye(x.size)], axis=1)

    rising = APART * 2 * h * np.arange(x.size).reshape(x.shape)
    first, last = derivative(x - rising), derivative(x + rising)
    if not (np.abs(first - last) > NEAR * np.max(np.abs(first))).any():
        return None
    tied, together = derivative(x), slopes(x, np.full(x.shape, h))
    sums = tied.sum(axis=1)
    even = tied * np.where(sums, together / np.where(sums, sums, 1.0), 1.0)[:, np.newaxis]
    return Pick(way, k, j, first, last, even)
