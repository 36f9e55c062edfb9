"""Does f climb stairs? A claim of zero is the slope of each, and any other is held against the flight."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gradcheck._entries.look import Look
from gradcheck._measure import derivative
from gradcheck._model.tally import SECOND, spending
from gradcheck._results.estimate import Estimate

STAIR = 2.0**-17  # how wide a stair may be, of the scale of an entry
STEEP = 1024.0  # how high it is at least, in roundings of f
FEW = 64.0  # stairs that f rises by at most where it is seen that all are of one height
EVEN = 0.02  # of a stair: how far from whole numbers of them rises may be
RISES = 4  # of three stairs or more, that must be whole numbers: chance makes so many once in four hundred thousand
SEVERAL = 3  # stairs
STILL = 12  # rises, of both sides at the six finest rungs, that are none: f is rounded far above its own rounding


@spending(SECOND)
def even_stairs(look: Look, estimate: Estimate) -> Estimate | None:
    """Measure with the noise of a stair, where f stands still at the finest steps and rises by whole stairs elsewhere.

    Numbers that are rounded to so many places do, of which fine steps see one, or none.
    """
    rises = np.array([abs(slope) * r.step for r in estimate.rungs for slope in (r.left, r.right)])
    rises = rises[np.isfinite(rises)]
    moving = rises[rises > 0]
    if look.claim == 0 or not moving.size or (rises[-STILL:] != 0).any():
        return None
    stair = float(moving.min())
    if stair <= STEEP * look.tested.subject.rounding():
        return None
    few = moving[moving <= FEW * stair] / stair
    told = np.count_nonzero(few >= SEVERAL - EVEN) >= RISES
    if not told or (np.abs(few - np.round(few)) > EVEN).any() or stair <= look.ladder.sigma:
        return None
    return derivative.estimate(look.ladder.with_noise(stair))


@spending(SECOND)
def stairs(look: Look, estimate: Estimate) -> Estimate | None:
    """Call it stairs where f climbs them and zero is claimed: that is the slope of every stair, not of the flight.

    It stands still as far as no rounding makes it, and then moves by more.
    """
    if look.claim != 0:
        return None
    ladder = look.ladder
    near, far = ([ladder.line(side * part * ladder.scale)[1] for side in (1, -1)] for part in (STAIR**2, STAIR))
    rises = [abs(slope) * r.step for r in estimate.rungs for slope in (r.left, r.right)]
    rise = min((rise for rise in rises if rise > 0), default=0.0)
    climbs = near == [0, 0] and 0 in far and rise > STEEP * look.tested.subject.rounding()
    return replace(estimate, stairs=True) if climbs else None
