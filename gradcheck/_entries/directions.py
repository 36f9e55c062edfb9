"""What of a large tensor is wrong? Random directions through all of it, then halving what disagrees.

Along a direction r the slope is sum(r_i s_i g_i), with coefficients r between 1 and 2, up or down: an error in a single
entry shows in full, whatever they are, and errors in several entries, though they be equal, do not cancel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradcheck._entries.glance import CLAIM_NOISE, coefficients, seen_at_once
from gradcheck._entries.one_by_one import measure
from gradcheck._entries.one_entry import climb
from gradcheck._entries.under_test import UnderTest
from gradcheck._measure import derivative
from gradcheck._measure.step import Ladder
from gradcheck._model.subject import DIRECTION_FINEST
from gradcheck._model.tally import DIRECTIONS as ALONG
from gradcheck._model.tally import spending
from gradcheck._results.estimate import Estimate
from gradcheck._results.floating import DOUBLE
from gradcheck._results.middle import median
from gradcheck._results.verdict import Verdict

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DIRECTIONS = 4  # each shows every error, unless it meets a kink: where half of them do, four in vain are one in 16
SAMPLE = 64  # entries measured one by one besides
LARGEST = 8  # of which so many have the largest claims, lest all of them be zero
QUICK = 2  # directions of a quick look: what is wrong in one entry shows in either
QUICK_SAMPLE, QUICK_LARGEST = 2, 1  # entries measured besides then, and how many of them have the largest claims
LOCATED = 256  # wrong entries after which the search ends: the tensor is wrong, and the pattern plain
MOST = 0.5  # of a sample that is wrong: then the others are not looked for
TRIES = (1, 3)  # directions through each half: one may meet a kink, or leave little of errors that nearly cancel
ENDED = f"the search for wrong entries ended when {LOCATED} were found; there may be more"
FARTHEST = float(np.finfo(np.float64).max) / 2  # that an entry is moved by, as coefficients are 2 at most


@dataclass(frozen=True)
class Slope:
    """The slope along one direction: as claimed, as measured, and the difference that would be noticed."""

    claim: float
    estimate: Estimate
    slack: float

    @property
    def known(self) -> bool:
        """Whether the direction tells anything: a kink, a jump or a nan does not."""
        e = self.estimate
        return math.isfinite(e.value) and not e.kink and not e.jump

    @property
    def limit(self) -> float:
        """The difference above which claim and estimate disagree."""
        return self.estimate.uncertainty + self.slack

    @property
    def disagrees(self) -> bool:
        """Whether the claim lies outside: any does, of finite slopes, if that of the direction has no end."""
        if math.isinf(self.estimate.value) and not self.estimate.kink:
            return True
        return self.known and not abs(self.claim - self.estimate.value) <= self.limit


def along(tested: UnderTest, members: Ints | None) -> Slope:
    """Measure the slope along random coefficients of some entries, or of all of them: from 1 to 2, up or down."""
    which = slice(None) if members is None else tested.columns.flat[members]
    claims = tested.columns.claims[slice(None) if members is None else members]
    finite = np.isfinite(claims)
    move = np.zeros(tested.leaf.array.size)
    drawn = coefficients(tested.rng, move.size if members is None else len(members))
    move[which] = drawn * np.minimum(tested.spread[which], FARTHEST)
    if not finite.all():  # what is not finite is measured by itself
        move[which], claims = move[which] * finite, np.where(finite, claims, 0.0)
    line = tested.subject.direction({tested.path: move.reshape(tested.leaf.array.shape)})
    parts = claims * move[which]
    with np.errstate(over="ignore", invalid="ignore"):  # near the largest number nothing is known of a direction
        claimed, size = float(np.sum(parts)), float(np.sqrt(np.sum(parts * parts)) + np.abs(parts).max())
    del parts
    estimate = derivative.estimate(
        Ladder(line, 1.0, tested.sigma, relative=DOUBLE, finest=DIRECTION_FINEST * tested.leaf.eps)
    )
    return Slope(claimed, estimate, CLAIM_NOISE * tested.standard.rounding * size)


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

    A `quick` look takes two evaluations at two steps along fewer directions, and a sample of two entries.
    """
    columns, directions = tested.columns, QUICK if quick else DIRECTIONS
    sample = _sample(tested, *((QUICK_SAMPLE, QUICK_LARGEST) if quick else (SAMPLE, LARGEST)))
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
    if fine:
        seen = max(seen, float(tested.standard.tolerance(tested.standard.largest)))
        return Screened(sample, f"an error above {seen:.1g} in any single entry would have been seen", directions, seen)
    columns.codes[sample] = Verdict.UNDECIDED
    return Screened(sample, "some directions disagree, but what is wrong could not be located", directions)


def _sample(tested: UnderTest, size: int, largest: int) -> Ints:
    """Choose entries to be measured one by one: some with the largest claims, others at random, and what is no number.

    Of those that are not finite themselves none.
    """
    claims, moved = tested.columns.claims, tested.leaf.moved
    order = moved[np.argsort(np.nan_to_num(np.abs(claims[moved]), posinf=0.0))]
    others = tested.rng.choice(moved, min(size - largest, len(moved)), replace=False)
    return np.unique(np.concatenate([order[-largest:], others, moved[~np.isfinite(claims[moved])][:size]]))


def _at_a_glance(tested: UnderTest) -> tuple[bool, float]:
    """Return whether a few directions agree by four evaluations each, and the largest error that could have hidden."""
    seen = [seen_at_once([tested]) for _ in range(QUICK)]
    return None not in seen, max((least[0] for least in seen if least), default=0.0)


def agrees(tested: UnderTest, members: Ints | None, directions: int = DIRECTIONS) -> tuple[bool, float]:
    """Return whether all of some directions agree, and the largest error that could have hidden in one entry."""
    seen = math.inf
    for _ in range(directions):
        slope = along(tested, members)
        if slope.disagrees:
            return False, 0.0
        if slope.known:
            seen = min(seen, slope.limit)
    scale = tested.scale if members is None else tested.scale[tested.columns.flat[members]]
    return True, seen / median(scale)


@spending(ALONG)
def locate(tested: UnderTest, tries: int = 1) -> Ints:
    """Halve what disagrees, along one of some directions, until every wrong entry is found; return those measured."""
    measured: list[int] = []
    wrong = 0
    queue = [tested.leaf.moved]
    while queue and wrong < LOCATED:
        part = queue.pop()
        if len(part) == 1:
            climb(tested, int(part[0]))
            measured.append(int(part[0]))
            wrong += tested.columns.codes[part[0]] == Verdict.WRONG
            continue
        halves = np.array_split(part, 2)[::-1]
        queue.extend(h for h in halves if len(h) == 1 or any(along(tested, h).disagrees for _ in range(tries)))
    return np.array(measured, dtype=np.int64)
