"""Do equal numbers that leave f where it is, each alone, move it as they go together? As a median does of three.

Zero claimed of each is then right along every entry, and wrong: f is smooth as they move as one, and has a slope.
"""

from __future__ import annotations

import numpy as np

from gradcheck._entries.around import CLEAR, sides, slopes_around
from gradcheck._entries.ties import AROUND, FIRST, move_of, told_together
from gradcheck._entries.under_test import Floats, Ints, UnderTest
from gradcheck._model.tally import SECOND, spending
from gradcheck._results.estimate import DEVIATIONS
from gradcheck._results.verdict import Verdict

STEP = 2.0**-20  # of the scale: f rises over it by what is seen above its rounding, and 256 of them are still near
FEW = 16  # groups of equal numbers that are looked at, the largest ones, and twice as many numbers in each
EACH = 6  # places for each of them: at one of so many f has the slope of an equal number that is none of them


@spending(SECOND)
def judge_as_one(tested: UnderTest, chosen: Ints) -> None:
    """Call zero wrong that is claimed of equal numbers where f stands still along each, and not along all of them."""
    still = _still(tested, chosen)
    groups = _equal(tested, still) if len(still) > 1 else []
    if not groups or not _moves(tested, np.concatenate(groups)):
        return
    for group in groups:
        slope = _slope(tested, group)
        if slope:
            _accuse(tested, group, slope)


def _still(tested: UnderTest, chosen: Ints) -> Ints:
    columns = tested.columns
    untested: Ints = chosen[columns.codes[chosen] == Verdict.UNTESTED]
    return untested[(columns.claims[untested] == 0) & (columns.estimates[untested] == 0)] if len(untested) else untested


def _equal(tested: UnderTest, still: Ints) -> list[Ints]:
    """Return the largest groups of entries with the same number, where no other entry has it: one may take it all."""
    numbers = tested.leaf.numbers(tested.columns.flat[still])
    own, which, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    free = (counts == _counts(tested, own)) if (counts > 1).any() else np.zeros(len(own), dtype=bool)
    counts = np.where(free, counts, 0)
    largest = [int(n) for n in np.argsort(-counts, kind="stable")[:FEW] if 1 < counts[n] <= 2 * FEW]
    return [still[which.ravel() == n] for n in largest]


def _counts(tested: UnderTest, numbers: Floats) -> Ints:
    """Return how many entries of the tensor have each of some rising numbers, block by block."""
    found = np.zeros(len(numbers), dtype=np.int64)
    for block in tested.leaf.blocks():
        there = tested.leaf.numbers(block)
        at = np.minimum(np.searchsorted(numbers, there), len(numbers) - 1)
        found += np.bincount(at[numbers[at] == there], minlength=len(numbers))
    return found


def _move(tested: UnderTest, group: Ints) -> Floats:
    return move_of(tested, group.tolist(), tested.scale(tested.columns.flat[group]).tolist())


def _seen(tested: UnderTest) -> float:
    """Return the slope, over the scale, that clearly stands out of the noise."""
    return CLEAR * DEVIATIONS * max(tested.sigma, tested.subject.rounding()) / STEP


def _moves(tested: UnderTest, entries: Ints) -> bool:
    return max(map(abs, sides(tested, _move(tested, entries), STEP))) > _seen(tested)


def _slope(tested: UnderTest, group: Ints) -> float:
    """Return the slope along a group, 0.0 unless f is smooth all around as it moves as one, and clearly moves."""
    move = _move(tested, group)
    left, right = sides(tested, move, STEP)
    slope = (left + right) / 2
    if not abs(slope) > _seen(tested) or not abs(right - left) <= AROUND * abs(slope):
        return 0.0
    around = slopes_around(tested, move, STEP, max(FIRST, EACH * len(group)))
    return slope if (np.abs(around - slope) <= AROUND * abs(slope)).all() else 0.0


def _accuse(tested: UnderTest, group: Ints, slope: float) -> None:
    """Call the claims wrong, beside equal shares of the slope, and say why."""
    columns = tested.columns
    scale = tested.scale(columns.flat[group])
    columns.with_sides()
    columns.estimates[group] = columns.lefts[group] = columns.rights[group] = slope / len(group) / scale
    columns.uncertainties[group] = _seen(tested) / scale
    columns.codes[group] = Verdict.WRONG
    tested.subject.say(told_together(tested, group, slope / float(scale[0]), 0.0))
