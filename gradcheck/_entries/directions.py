"""What of a large tensor is wrong? Random directions through all of it show whether anything is, a search finds it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradcheck._entries.direction import DIRECTIONS, TELLING, Ints, agrees
from gradcheck._entries.glance import seen_at_once
from gradcheck._entries.located import ENDED, LOCATED, locate
from gradcheck._entries.one_by_one import measure
from gradcheck._entries.table import LARGE
from gradcheck._entries.under_test import UnderTest
from gradcheck._model.tally import ALONG, spending
from gradcheck._results.verdict import Verdict

FEWEST = 8  # entries measured one by one besides, of however large a tensor
FALLS = 3  # power of the size by which they become fewer, from all of them in the largest that is measured entirely
LARGEST = 1 / 8  # share chosen by the largest claims, so that not all of them are zero
QUICK_SAMPLE, QUICK_LARGEST = 2, 1  # entries measured besides a quick look, and how many have the largest claims
MOST = 0.5  # of a sample that is wrong: then the others are not looked for
ALL = 64  # entries, all of which are measured where directions tell nothing: no more than a search takes
SILENT = "directions through all of it tell too little, beside kinks, jumps or noise"
UNLOCATED = "some directions disagree, but what is wrong could not be located"
TRIES = (1, 3)  # directions through each half: along one, a kink may be met or errors may nearly cancel


@dataclass(frozen=True)
class Screened:
    """Which entries were measured one by one, and what the directions said of the others."""

    measured: Ints
    note: str
    directions: int  # along which all agreed, or by some of which it was found out what does not
    seen: float = 0.0  # the smallest error that the directions would have shown in any single entry


@spending(ALONG)
def screen(tested: UnderTest, *, quick: bool = False) -> Screened:
    """Measure a sample of a tensor, and look along directions through all of it; locate what disagrees.

    A `quick` look is along fewer directions, and of a sample of two entries.
    """
    columns, directions = tested.columns, TELLING if quick else DIRECTIONS
    number = sampled(len(columns.claims))
    sample = _sample(tested, *((QUICK_SAMPLE, QUICK_LARGEST) if quick else (number, int(LARGEST * number))))
    measure(tested, sample, tested.subject)
    if np.count_nonzero(columns.codes[sample] == Verdict.WRONG) > MOST * len(sample):
        return Screened(sample, "most of a sample is wrong, so the others were not looked for", directions)
    fine, seen = _at_a_glance(tested) if quick else (False, 0.0)
    if not fine:
        fine, seen = agrees(tested, None)
    for tries in () if fine else TRIES:
        located = locate(tested, tries)
        wrong = np.count_nonzero(columns.codes[located] == Verdict.WRONG)
        if wrong:
            return Screened(np.union1d(sample, located), ENDED if wrong >= LOCATED else "", directions)
        fine, seen = agrees(tested, None)
        if fine:
            break
    told = fine and bool(tested.standard.sharp(seen, tested.standard.largest))
    if not told and tested.leaf.moving <= ALL:
        measure(tested, np.setdiff1d(tested.leaf.moved, sample), tested.subject)
        return Screened(tested.leaf.moved, "", directions)
    if told:
        seen = max(seen, float(tested.standard.tolerance(tested.standard.largest)))
        return Screened(sample, f"an error above {seen:.1g} in any single entry would have been seen", directions, seen)
    columns.codes[sample] = Verdict.UNDECIDED
    return Screened(sample, SILENT if fine else UNLOCATED, directions)


def sampled(size: int) -> int:
    """Return how many entries of a tensor are measured one by one: all, up to a size, and of larger ones ever fewer."""
    return min(size, max(FEWEST, int(LARGE * (LARGE / size) ** FALLS))) if size > LARGE else size


def _sample(tested: UnderTest, size: int, largest: int) -> Ints:
    """Choose entries to be measured one by one: some with the largest claims, some at random, and claims that are nan.

    Of those that are not finite themselves none.
    """
    leaf, claims = tested.leaf, tested.columns.claims
    first, odd = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    for block in leaf.blocks():
        moved = block.start + leaf.moved_in(block)
        odd = np.append(odd, moved[~np.isfinite(claims[moved])])[:size]
        among = np.append(first, moved)
        order = np.argsort(np.nan_to_num(np.abs(claims[among]), posinf=0.0))
        first = among[order[max(len(order) - largest, 0) :]]
    others = leaf.moved if leaf.held is not None else leaf.array.size
    drawn = tested.rng.choice(others, min(size, leaf.moving), replace=False)
    drawn = drawn[~np.isin(drawn, first)][: size - len(first)]
    return np.unique(np.concatenate([first, drawn, odd]))


def _at_a_glance(tested: UnderTest) -> tuple[bool, float]:
    """Return whether a few directions agree by four evaluations each, and the largest error that could have hidden."""
    seen = [seen_at_once([tested]) for _ in range(TELLING)]
    return None not in seen, max((least[0] for least in seen if least), default=0.0)
