"""What is the slope along a direction through many entries, as claimed and as measured?

Along a direction r the slope is sum(r_i s_i g_i), with coefficients r between 1 and 2, up or down: an error in a single
entry shows in full, whatever they are, and errors in several entries, though they be equal, do not cancel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradcheck._entries.glance import CLAIM_NOISE, LARGEST, at_random, coefficients, slope_along, through, through_some
from gradcheck._entries.look import SHARP
from gradcheck._entries.under_test import UnderTest
from gradcheck._measure import derivative
from gradcheck._measure.line import Line
from gradcheck._measure.step import Ladder
from gradcheck._model.subject import DIRECTION_FINEST
from gradcheck._results.estimate import Estimate
from gradcheck._results.floating import DOUBLE
from gradcheck._results.middle import median

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DIRECTIONS = 4  # each shows every error, unless it meets a kink: if half of them do, all four fail once in 16
TELLING = 2  # that tell something are enough: an error in one entry shows in either, several might cancel along one
COARSEST, LAST = 3, 6  # rungs of a short ladder: steps from 1/256 to 1/16384


@dataclass(frozen=True)
class Slope:
    """The slope along one direction: as claimed, as measured, and the difference that would be noticed."""

    claim: float
    estimate: Estimate
    slack: float

    @property
    def known(self) -> bool:
        """Whether the direction is usable: one with a kink, a jump or a nan is not."""
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


def along(
    tested: UnderTest,
    members: Ints | None,
    drawn: Floats | None = None,
    claims: Floats | None = None,
    enough: float = 0.0,
) -> Slope:
    """Measure the slope along coefficients of some entries, or of all of them: random ones from 1 to 2, up or down.

    Four evaluations tell where they leave no more than `enough` unknown, a short ladder where f is smooth, and
    elsewhere a whole one. `claims` are others than those that are made, of all entries.
    """
    claims = tested.columns.claims if claims is None else claims
    if members is None:
        one = through(tested, claims, at_random(tested.rng) if drawn is None else drawn.__getitem__)
    else:
        few = coefficients(tested.rng, len(members)) if drawn is None else drawn
        one = through_some(tested, claims, members, few)
    line = tested.subject.direction({tested.path: one.move})
    slack = CLAIM_NOISE * tested.standard.rounding * (one.length + one.largest) + LARGEST * tested.allowed
    return Slope(one.claimed, _measured(tested, line, enough), slack)


def _measured(tested: UnderTest, line: Line, enough: float) -> Estimate:
    """Return the slope of a line through a tensor, by as many evaluations as it takes."""
    if enough > 0 and not tested.subject.coarse:
        with np.errstate(over="ignore", invalid="ignore"):
            estimate = slope_along(line, tested.sigma)
        if not estimate.kink and estimate.uncertainty <= enough:
            return estimate
    ladder = Ladder(line, 1.0, tested.sigma, relative=DOUBLE, finest=DIRECTION_FINEST * tested.leaf.eps)
    if ladder.step(LAST) >= ladder.finest and not tested.subject.coarse:
        short = derivative.smooth_at_once(ladder.climb(COARSEST, LAST))
        if short is not None and short.uncertainty <= max(SHARP * short.scale, short.rungs[-1].noise):
            return short  # elsewhere a kink lies within these steps, and finer ones may know better
    return derivative.estimate(ladder)


def agrees(tested: UnderTest, members: Ints | None, directions: int = DIRECTIONS) -> tuple[bool, float]:
    """Return whether some directions agree, and the largest error that could have hidden in one entry.

    Those that tell nothing are made up for by others.
    """
    seen, told = math.inf, 0
    for _ in range(directions):
        slope = along(tested, members)
        if slope.disagrees:
            return False, 0.0
        if slope.known:
            seen, told = min(seen, slope.limit), told + 1
        if told >= TELLING:
            break
    return True, seen / (tested.leaf.typical if members is None else median(tested.scale(tested.columns.flat[members])))
