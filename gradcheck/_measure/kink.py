"""Is there a derivative here? The slope from the left against the slope from the right."""

from __future__ import annotations

import math

import numpy as np

from gradcheck._measure.extrapolate import Limit
from gradcheck._measure.slopes import Slopes

DISTINCT = 3.0  # sides differ if they are further apart than this many joint uncertainties
MANY = 6  # rungs over which the gap between the sides of a cusp grows
GROWS = 1.15  # by how much at least, from rung to rung: at a cusp |x|^p it grows by 4^(1-p)
STAYS = 0.6  # of what f rises by between the sides, over as many rungs: that of |x|^0.1 falls to a half
PUTS_OFF = 12.0  # bounds of the noise: f(0) is off by no more than half of that if it is rounding that puts it off
VISIBLE = 3.0  # bounds of the noise, above which a gap between the sides is seen
SEEN = 3  # rungs at which it must be seen
SHOWS = 6.0  # bounds of the noise: a gap so large would have been seen at a finer rung as well
CONSTANT = 0.6  # from rung to rung a smooth function's gap between the sides falls by four, a kink's stays


def apart(slopes: Slopes, left: Limit, right: Limit) -> bool:
    """Return whether the two sides tend to different slopes: a kink at 0, as far as the noise allows."""
    if not (math.isfinite(left.value) and math.isfinite(right.value)):
        return False
    if abs(right.value - left.value) <= DISTINCT * (left.error + right.error):
        return False
    gap = np.abs(slopes.right - slopes.left)
    visible = gap > VISIBLE * slopes.noise
    if np.count_nonzero(visible) < SEEN:
        return False
    finest = int(np.flatnonzero(visible)[-1])
    stays = gap[finest] > CONSTANT * gap[finest - 1] and gap[finest] > CONSTANT**2 * gap[finest - 2]
    below = slice(finest + 1, None)  # finer rungs that would have shown the gap
    return bool(stays and not (slopes.noise[below] < gap[finest] / SHOWS).any())


def diverges(slopes: Slopes) -> bool:
    """Return whether the sides move ever further apart as the step shrinks: a cusp, where no slope is finite.

    In proportion to the step they do where f(0) alone is off, by a few roundings: what f rises by stays the same.
    """
    gap = np.abs(slopes.right - slopes.left)
    seen = np.flatnonzero(gap > VISIBLE * slopes.noise)[-MANY:]
    clear, rises = gap[seen], gap[seen] * slopes.step[seen]
    if len(seen) < MANY or not (clear[1:] > GROWS * clear[:-1]).all():
        return False
    return bool(rises[-1] < STAYS * rises[0] or (clear > PUTS_OFF * slopes.noise[seen]).any())
