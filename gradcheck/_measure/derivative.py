"""What is the derivative of a line at 0, and how well is it known?"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from gradcheck._measure.extrapolate import NOWHERE, Limit, limit
from gradcheck._measure.infinite import furthest, infinite
from gradcheck._measure.jump import jumps
from gradcheck._measure.kink import apart, diverges
from gradcheck._measure.line import Floats, Line
from gradcheck._measure.noise import noise_of
from gradcheck._measure.slopes import HIDDEN, Slopes
from gradcheck._measure.step import MORE, Ladder
from gradcheck._results.estimate import Estimate
from gradcheck._results.floating import NORMAL

SPAN = 11  # rungs above the finest that are looked at together below a whole ladder
DIED, MOVES = 3.0, 1e6  # noises: one side stays below the first, while the other side exceeds the second
CLEARER = 8.0  # how much better one side must be known before it is used for both


def estimate(ladder: Ladder) -> Estimate:
    """Estimate the derivative of a line at 0, from all the rungs that can help."""
    found = summarise(ladder.whole(), ladder.sigma, ladder.evaluations)
    return nearer(ladder, found) if found.reached and ladder.bottomless else found


def nearer(ladder: Ladder, found: Estimate) -> Estimate:
    """Test whether apparently infinite slopes become finite at still finer steps, as far as the noise allows.

    At such steps only what lies near the step rounds it: f would stand still if it added it to any larger number.
    """
    last = found.last + MORE
    while ladder.step(last) > NORMAL:
        slopes = ladder.near(last - SPAN, last)
        there = summarise(slopes, ladder.sigma, ladder.evaluations)
        if there.reached:
            found = replace(found, reached=there.reached, furthest=there.furthest)
        elif there.uncertainty <= HIDDEN * abs(there.value - found.reached) / SPAN:
            return replace(there, scale=max(found.scale, there.scale))
        if slopes.drowned:
            break
        last += MORE
    return found


def slope(line: Line, floor: float, finest: float, scale: float = 1.0) -> Estimate:
    """Estimate the slope of a line of which nothing is known but a floor of its noise, with steps up to a scale."""
    return estimate(Ladder(line, scale, noise_of(line, 1.0, floor, finest), finest=finest))


def smooth_at_once(slopes: Slopes) -> Estimate | None:
    """Return the estimate where the sides meet at the finest steps, without a look at either alone; None elsewhere."""
    if not (slopes.meets and np.isfinite(slopes.central).all()):
        return None
    centre = limit(slopes.central, slopes.noise / 2**0.5, power=2, kinked=slopes.kinked)
    return Estimate(
        value=centre.value,
        uncertainty=centre.error,
        left=centre.value,
        right=centre.value,
        flat=not slopes.moved.any(),
        scale=slopes.scale(centre.rung + 1 or None),
        rungs=slopes.rungs(),
        best=slopes.first + centre.rung,
        last=slopes.last,
    )


def summarise(slopes: Slopes, sigma: float, evaluations: int = 0) -> Estimate:
    """Turn slopes into an estimate: both sides, whether they meet, and how far each can be trusted."""
    right = side(slopes, slopes.right)
    left = side(slopes, slopes.left)
    jump = jumps(slopes, sigma)
    endless = not jump and (math.isinf(right.value) or math.isinf(left.value))
    steep = slopes.right if math.isinf(right.value) else slopes.left
    centre, kink = NOWHERE, False
    if endless:
        centre, kink = without_end(slopes, left, right)
    elif not jump and not diverges(slopes):
        kink = apart(slopes, left, right)
        centre = between(left, right) if kink else smooth(slopes, left, right)
    return Estimate(
        value=centre.value,
        uncertainty=centre.error,
        left=left.value,
        right=right.value,
        kink=kink,
        jump=jump,
        flat=not slopes.moved.any() and bool(np.isfinite(slopes.central).any()),
        reached=slopes.steepest(steep) if endless else 0.0,
        furthest=furthest(steep, slopes.noise, slopes.step) if endless else 0.0,
        scale=slopes.scale(centre.rung + 1 or None),
        rungs=slopes.rungs(),
        best=slopes.first + centre.rung,
        last=slopes.last,
        evaluations=evaluations,
    )


def side(slopes: Slopes, one: Floats) -> Limit:
    """Return what the slopes of one side tend to, infinity included."""
    endless = infinite(one, slopes.noise)
    return Limit(endless, 0.0, len(one) - 1) if endless else limit(one, slopes.noise, power=1)


def smooth(slopes: Slopes, left: Limit, right: Limit) -> Limit:
    """Return the slope where the sides meet: from both of them, or from one where that tells much more."""
    centre = limit(slopes.central, slopes.noise / 2**0.5, power=2, kinked=slopes.kinked)
    return centre if saturated(slopes, left, right) else one_sided(left, right, centre)


def between(left: Limit, right: Limit) -> Limit:
    """Return the middle of two slopes that differ."""
    return Limit((left.value + right.value) / 2, max(left.error, right.error), -1)


def without_end(slopes: Slopes, left: Limit, right: Limit) -> tuple[Limit, bool]:
    """Return what is known where the slopes of a side have no end, and whether the other side has another slope.

    Outside of the domain of f there is no other side.
    """
    if left.value == right.value or not np.isfinite(slopes.left).any():
        return right, False
    if not np.isfinite(slopes.right).any():
        return left, False
    known = math.isfinite(left.error) and math.isfinite(right.error)
    return (between(left, right), True) if known else (NOWHERE, False)


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
    return bool(seen.size and (seen <= DIED).all() and (moves > MOVES).any())
