"""Do the slopes of one side grow without bound as the step falls? Those of a root do, and of x log x, at 0.

A power h^p of the step, p below one, has slopes that grow by the same factor from rung to rung; those of h log h grow
by the same difference. Finite slopes, however steep, grow by less and less once the steps are fine enough.
"""

from __future__ import annotations

import math

import numpy as np

from gradcheck._measure.extrapolate import RATIO
from gradcheck._measure.line import Floats
from gradcheck._results.floating import LEAST

GROWTHS = 6  # from rung to rung, the finest that are seen
CLEAR = 6.0  # bounds of the noise of two slopes, above which a growth is seen
FALLING = 0.99  # the same where the slopes themselves fall: those of x / log x do, ever more slowly, to 0
STEADY = 0.9  # of the growth before, that each must be: with h log h it is all of it
SLOWING = 0.95  # of the ratio of two growths, that the next one must be: with any power it stays
JUMPS = 0.95 * RATIO  # growths of a jump rise by the whole ratio of the steps
ROUGHLY = 1.05  # times the ratio of two growths, that it may be at finer steps


def infinite(side: Floats, noise: Floats) -> float:
    """Return inf or -inf if the slopes of a side keep growing that way as far as they are seen, else 0.0."""
    known = np.isfinite(side)
    slopes, bound = side[known], noise[known]
    if len(slopes) <= GROWTHS:
        return 0.0
    growth = np.diff(slopes)
    unsure = bound[1:] + bound[:-1]
    seen = np.abs(growth) > CLEAR * unsure
    if np.count_nonzero(seen) < GROWTHS:
        return 0.0
    finest = int(np.flatnonzero(seen)[-1])
    last = slice(finest - GROWTHS + 1, finest + 1)
    falling = abs(slopes[finest + 1]) < abs(slopes[finest])
    steady = FALLING if falling else STEADY
    if finest + 1 < GROWTHS or not seen[last].all() or not _goes_on(np.abs(growth[last]), unsure[last], steady):
        return 0.0
    would_show = CLEAR * unsure[finest + 1 :] < STEADY * abs(growth[finest])
    one_way = (np.sign(growth[last]) == np.sign(growth[finest])).all()
    return math.copysign(math.inf, growth[finest]) if one_way and not would_show.any() else 0.0


def furthest(side: Floats, noise: Floats, step: Floats) -> float:
    """Return the slope that would be reached at the smallest step there is, if its growth went on as it was last seen.

    No floating-point step gives a larger one.
    """
    clear = np.flatnonzero(np.abs(side) > CLEAR * noise)[-GROWTHS:]
    growth = np.diff(side[clear])
    rungs = (math.log2(step[clear[-1]]) - math.log2(LEAST)) / math.log2(RATIO)
    with np.errstate(over="ignore"):
        ratio = ROUGHLY * np.float64(np.abs(growth[1:] / growth[:-1]).max())
        return float(side[clear[-1]] + growth[-1] * rungs * np.maximum(ratio, 1.0) ** rungs)


def _goes_on(growth: Floats, unsure: Floats, least: float) -> bool:
    """Return whether each growth is as large as the one before, or by the same factor larger, as far as is sure."""
    ratio = growth[1:] / growth[:-1]
    doubt = ratio * (unsure[1:] / growth[1:] + unsure[:-1] / growth[:-1])
    steady = (ratio + doubt >= least).all() and growth[-1] + unsure[-1] >= least * growth[0]
    return bool(steady and (ratio[1:] + doubt[1:] >= SLOWING * ratio[:-1]).all() and ratio.min() < JUMPS)
