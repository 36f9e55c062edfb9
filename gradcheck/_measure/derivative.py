"""What is the derivative of a line at 0, and how well is it known?"""

from __future__ import annotations

import math

import numpy as np

from gradcheck._measure.extrapolate import Limit, limit
from gradcheck._measure.jump import jumps
from gradcheck._measure.kink import apart, diverges
from gradcheck._measure.line import Line
from gradcheck._measure.noise import noise_of
from gradcheck._measure.slopes import Slopes
from gradcheck._measure.step import Ladder
from gradcheck._results.estimate import Estimate

DIED, MOVES = 3.0, 1e6  # noises: a side that stays below the one, where the other exceeds the other
CLEARER = 8.0  # how much better one side must be known before it speaks for both


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
