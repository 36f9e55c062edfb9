"""Is there a derivative here? The slope from the left against the slope from the right."""

from __future__ import annotations

import math

import numpy as np

from gradcheck._differences import Ladder, Limit, Line, Slopes, limit, noise_of
from gradcheck._report import Estimate

DISTINCT = 3.0  # sides differ if they are further apart than this many of their joint uncertainties
MANY, GROWS = 6, 1.15  # rungs over which the gap between the sides of a cusp grows, and by how much at least
DIED, MOVES = 3.0, 1e6  # noises: a side that stays below the one, where the other exceeds the other
CLEARER = 8.0  # how much better one side must be known before it speaks for both
CONSTANT = 0.6  # from rung to rung a smooth function's gap between the sides falls by four, a kink's stays


def estimate(ladder: Ladder) -> Estimate:
    """Estimate the derivative of a line at 0, from all the rungs that can help."""
    return summarise(ladder.whole(), ladder.sigma, ladder.evaluations)


def slope(line: Line, floor: float, finest: float, scale: float = 1.0) -> Estimate:
    """Estimate the slope of a line of which nothing is known but a floor of its noise, with steps up to a scale."""
    return estimate(Ladder(line, scale, noise_of(line, 1.0, floor, finest), finest=finest))


def summarise(slopes: Slopes, sigma: float, evaluations: int = 0) -> Estimate:
    """Turn slopes into an estimate: both sides, whether they meet, and how far each can be trusted."""
    right = limit(slopes.right, slopes.noise, power=1)
    left = limit(slopes.left, slopes.noise, power=1)
    centre = limit(slopes.central, slopes.noise / 2**0.5, power=2, kinked=slopes.kinked)
    kink = jump = False
    if jumps(slopes, sigma):
        centre, jump = Limit(math.nan, math.inf, -1), True
    elif diverges(slopes):
        centre = Limit(math.nan, math.inf, -1)
    elif apart(slopes, left, right):
        centre = Limit((left.value + right.value) / 2, max(left.error, right.error), -1)
        kink = True
    else:
        centre = centre if saturated(slopes, left, right) else one_sided(left, right, centre)
    return Estimate(
        value=centre.value,
        uncertainty=centre.error,
        left=left.value,
        right=right.value,
        kink=kink,
        jump=jump,
        flat=not slopes.moved.any() and bool(np.isfinite(slopes.central).any()),
        scale=slopes.scale(centre.rung + 1 or None),
        rungs=slopes.rungs(),
        best=slopes.last - len(slopes.step) + 1 + centre.rung,
        last=slopes.last,
        evaluations=evaluations,
    )


def one_sided(left: Limit, right: Limit, centre: Limit) -> Limit:
    """Return the limit from one side where that tells much more: at the edge of the domain, or beside a kink."""
    side = min(left, right, key=lambda s: s.error)
    if not math.isfinite(centre.value):
        return side
    clearer = side.error < centre.error / CLEARER and abs(side.value - centre.value) <= side.error + centre.error
    return side if clearer else centre


def saturated(slopes: Slopes, left: Limit, right: Limit) -> bool:
    """Return whether the clearer side shows nothing but last digits, however far, where the other moves by a lot.

    Then f has died away there, and how steep it was before is not known from it.
    """
    side, other = (slopes.left, slopes.right) if left.error < right.error else (slopes.right, slopes.left)
    with np.errstate(divide="ignore", invalid="ignore"):  # the noise of what is exactly zero may underflow
        seen, moves = np.abs(side) / slopes.noise, np.abs(other) / slopes.noise
    seen = seen[np.isfinite(seen)]
    return bool(seen.any() and (seen <= DIED).all() and (moves > MOVES).any())


def apart(slopes: Slopes, left: Limit, right: Limit) -> bool:
    """Return whether the two sides tend to different slopes: a kink at 0, as far as the noise lets us see."""
    if not (math.isfinite(left.value) and math.isfinite(right.value)):
        return False
    if abs(right.value - left.value) <= DISTINCT * (left.error + right.error):
        return False
    gap = np.abs(slopes.right - slopes.left)
    visible = gap > 3 * slopes.noise
    if np.count_nonzero(visible) < 3:
        return False
    finest = int(np.flatnonzero(visible)[-1])
    stays = gap[finest] > CONSTANT * gap[finest - 1] and gap[finest] > CONSTANT**2 * gap[finest - 2]
    below = slice(finest + 1, None)  # finer rungs that would have shown the gap
    return bool(stays and not (slopes.noise[below] < gap[finest] / 6).any())


def diverges(slopes: Slopes) -> bool:
    """Return whether the sides move ever further apart as the step shrinks: a cusp, where no slope is finite."""
    gap = np.abs(slopes.right - slopes.left)
    clear = gap[gap > 3 * slopes.noise][-MANY:]
    return len(clear) == MANY and bool((clear[1:] > GROWS * clear[:-1]).all())


def jumps(slopes: Slopes, sigma: float) -> bool:
    """Return whether f does not return to f(0) as the step shrinks: then both quotients diverge as 1/h."""
    for side in (slopes.right, slopes.left):
        rise = np.abs(side * slopes.step)
        rise = rise[np.isfinite(rise)][-5:]
        if len(rise) == 5 and rise.min() > max(0.9 * rise.max(), 20 * sigma):
            return True
    return False
