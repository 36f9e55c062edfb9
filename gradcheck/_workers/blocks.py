"""What is sent to a worker, and what comes back? A step of each of some entries, or places on a line; and the values.

Every block is a function of the point and of what it says alone, so any number of workers, in any order, gives the
same report.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gradcheck._model.oracle import Array
from gradcheck._model.subject import Along, Subject
from gradcheck._model.tally import Tally

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BLOCKS = 32  # of a tensor; many, so that a slow worker keeps no other waiting
SMALLEST = 16  # entries of a block


@dataclass(frozen=True)
class Block:
    """Some entries of a tensor and the step of each."""

    number: int  # in the order in which they are given out
    path: str
    flat: Ints
    steps: Floats

    @property
    def shape(self) -> tuple[int, ...]:
        """That of what is taken."""
        return (4, len(self.flat))

    def taken(self, subject: Subject) -> Floats:
        """Return steps taken and increments, both ways, for each entry."""
        return subject.both_ways(self.path, self.flat, self.steps)


@dataclass(frozen=True)
class Stand:
    """Where a subject stands: the tensors that are not where they were given, and from what it counts increments."""

    moved: Mapping[str, Array] = field(default_factory=dict)
    base: Floats | float | None = None  # None: from what the workers do
    away: bool = False

    @classmethod
    def of(cls, subject: Subject, home: Subject) -> Stand:
        """Compare a subject with that of the workers."""
        leaves = subject.leaves.items()
        moved = {path: leaf.array.copy() for path, leaf in leaves if not np.array_equal(leaf.array, leaf.original)}
        return cls(moved, None if subject.base is home.base else subject.base, subject.away)

    @property
    def size(self) -> int:
        """How many numbers it is made of."""
        return sum(array.size for array in self.moved.values()) + (0 if self.base is None else np.size(self.base))

    @contextlib.contextmanager
    def taken(self, subject: Subject) -> Iterator[Subject]:
        """Yield a subject that stands there, for a while."""
        try:
            for path, array in self.moved.items():
                subject.leaves[path].array[...] = array
            yield subject.changed(away=self.away, base=subject.base if self.base is None else self.base)
        finally:
            for path in self.moved:
                subject.leaves[path].array[...] = subject.leaves[path].original


@dataclass(frozen=True)
class Places:
    """Some places on a line through where a subject stands."""

    number: int  # in the order in which they are given out
    stand: Stand
    along: Along
    places: tuple[float, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """That of what is taken."""
        return (2, len(self.places))

    def taken(self, subject: Subject) -> Floats:
        """Return steps taken and increments."""
        with self.stand.taken(subject) as there:
            if isinstance(self.along, tuple):
                path, flat = self.along
                line = there.entry(there.leaves[path], flat)
            else:
                line = there.direction(self.along)
            return np.array([line(t) for t in self.places]).T


@dataclass(frozen=True)
class Done:
    """What became of a block."""

    number: int
    taken: Floats  # of the block
    value: float  # of the function, where that was done
    raised: int  # evaluations at which the function raised
    trouble: str  # what it raised first

    def whole(self, block: Block | Places) -> bool:
        """Return whether it is all that is taken for such a block, as plain numbers."""
        sent: tuple[object, object] = self.taken, self.value  # by a stranger's pool, which may garble anything
        taken, value = sent
        plain = isinstance(taken, np.ndarray) and taken.dtype == np.float64 and taken.shape == block.shape
        return plain and isinstance(value, float)


def blocks_of(entries: int) -> int:
    """Return into how many blocks so many entries are divided; one where that is not worth the while."""
    return max(1, min(BLOCKS, entries // SMALLEST))


def done(subject: Subject, block: Block | Places) -> Done:
    """Do a block, and count what the function raises meanwhile."""
    tally, before = subject.tally, subject.tally.raised
    tally.trouble = None
    with np.errstate(all="ignore"):  # as in the process that gives it out
        taken = block.taken(subject)
    return Done(block.number, taken, float(np.sum(subject.base)), tally.raised - before, _said(tally))


def _said(tally: Tally) -> str:
    return "" if tally.trouble is None else str(tally.trouble)
