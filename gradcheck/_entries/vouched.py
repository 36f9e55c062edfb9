"""Are the slopes of many entries, of which two evaluations were taken each, right all the same? Directions tell.

What was swept is put to the test as if it were a claim: along a few random directions through all of these entries its
slopes must add up to what a ladder shows. A wrong one among them shows in full, as each moves by its own step or by up
to twice that, and several do not cancel in every direction. So no accusation rests on two evaluations.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gradcheck._entries.glance import coefficients
from gradcheck._entries.look import SHARP
from gradcheck._entries.one_entry import ABOVE, BELOW, PLAIN
from gradcheck._entries.under_test import Ints, UnderTest
from gradcheck._measure import derivative
from gradcheck._measure.step import Ladder
from gradcheck._model.subject import DIRECTION_FINEST
from gradcheck._model.tally import DIRECTIONS, spending
from gradcheck._results.floating import DOUBLE
from gradcheck._results.verdict import Verdict

WAYS = 3  # directions: where errors of two entries cancel to a hundredth of them in one, in all of them once in 1e6
FEWEST = 6  # entries: fewer are cheaper measured one by one, as a direction takes eight evaluations


@spending(DIRECTIONS)
def accuse(tested: UnderTest, suspects: Ints, rung: int) -> Ints:
    """Write down which of some entries, whose slopes were swept, are wrong by far; return those."""
    columns = tested.columns
    slopes, known = columns.estimates[suspects], columns.uncertainties[suspects]
    with np.errstate(invalid="ignore"):
        sure = suspects[(known <= SHARP * np.abs(slopes)) & _far(tested, suspects, 0.0)]
    if len(sure) < FEWEST:
        return np.zeros(0, dtype=np.int64)
    unknown = max(_off(tested, sure, rung) for _ in range(WAYS))
    found: Ints = sure[_far(tested, sure, unknown)]
    columns.codes[found] = Verdict.WRONG
    columns.uncertainties[found] += unknown / tested.spread[columns.flat[found]]  # as it may all be in one of them
    return found


def _far(tested: UnderTest, which: Ints, unknown: float) -> NDArray[np.bool_]:
    """Return which claims are off by far more than is unknown of their slopes, of their rounding, and than matters.

    `unknown` is in units of f, where each entry goes as far as it is large.
    """
    columns, standard = tested.columns, tested.standard
    claims, slopes = columns.claims[which], columns.estimates[which]
    known = columns.uncertainties[which] + unknown / tested.spread[columns.flat[which]]
    size = np.fmax(np.abs(claims), np.abs(slopes))
    excused = standard.slack.atol + standard.slack.rtol * np.abs(slopes) + tested.residues[which]
    far: NDArray[np.bool_] = np.abs(claims - slopes) > PLAIN * (known + standard.tolerance(size)) + excused
    return far & np.isfinite(claims)


def _off(tested: UnderTest, members: Ints, rung: int) -> float:
    """Return what swept slopes are off by along a direction through their entries, and may be; inf if nobody knows."""
    leaf, flat = tested.leaf, tested.columns.flat[members]
    steps = coefficients(tested.rng, len(members)) * tested.spread[flat]
    move = np.zeros(leaf.array.size)
    move[flat] = steps
    line = tested.subject.direction({tested.path: move.reshape(leaf.array.shape)})
    ladder = Ladder(line, 1.0, tested.sigma, relative=DOUBLE, finest=DIRECTION_FINEST * leaf.eps)
    there = derivative.summarise(ladder.climb(max(rung - ABOVE, 0), rung + BELOW), tested.sigma)
    off = abs(float(np.sum(steps * tested.columns.estimates[members])) - there.value) + there.uncertainty
    return off if math.isfinite(off) and not there.kink else math.inf
