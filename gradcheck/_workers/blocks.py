"""What is sent to a worker, and what comes back? Some entries of a tensor, and the values at a step of each.

Every block is a function of the point, the entries and the steps alone, so any number of workers, in any order,
gives the same report.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradcheck._model.subject import Subject
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


@dataclass(frozen=True)
class Done:
    """What became of a block."""

    number: int
    taken: Floats  # what `both_ways` returns
    value: float  # of the function, where that was done
    raised: int  # evaluations at which the function raised
    trouble: str  # what it raised first

    def answers(self, block: Block) -> bool:
        """Return whether it is of this block, and whole."""
        return self.number == block.number and np.shape(self.taken) == (4, len(block.flat))


def blocks_of(entries: int) -> int:
    """Return into how many blocks so many entries are divided; one where that is not worth the while."""
    return max(1, min(BLOCKS, entries // SMALLEST))


def done(subject: Subject, block: Block) -> Done:
    """Do a block, and count what the function raises meanwhile."""
    tally, before = subject.tally, subject.tally.raised
    tally.trouble = None
    taken = subject.both_ways(block.path, block.flat, block.steps)
    return Done(block.number, taken, float(np.sum(subject.base)), tally.raised - before, _said(tally))


def _said(tally: Tally) -> str:
    return "" if tally.trouble is None else str(tally.trouble)
