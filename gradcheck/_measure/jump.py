"""Does the function jump, here or nearby, like a solver that stops early? Then it is known only to within the jump.

A solver with a tolerance is smooth wherever its number of iterations stays the same: its noise is invisible at small
steps, and its slope there is that of the truncated iteration, not of the solution. It is recognised by the jumps where
the number of iterations changes. A kink is not a jump: it vanishes at finer steps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gradcheck._measure.line import Floats, Line, phi_at
from gradcheck._measure.slopes import Slopes
from gradcheck._measure.step import ABOVE, FIRST, Ladder
from gradcheck._results.middle import median

LATEST = 5  # rungs, the finest, at which f must stay away from f(0)
STEADY = 0.9  # of the largest rise among them, that the smallest must be
CLEAR = 20.0  # standard deviations of the noise, that a jump must exceed
REACHES = (0.0625, 0.25, 1.0)  # how far to look, relative to the scale of the entry
POINTS = 33  # equally spaced, in each first look
CLOSER_POINTS = 17  # in each closer one: a jump lies within one spacing of the largest difference, of 8 in the reach
ZOOMS = 9  # looks, each closer than the one before
ZOOM = 4.0  # how many times closer
LAST = 3  # zooms over which a jump stays, a kink falls 64 times, and a smooth function to its noise
SMOOTH = 64.0  # times, that the largest difference falls by from zoom to zoom where f only bends: 256, and a kink 4
STAYS = 0.5  # of its height before them, that a jump keeps at least
ALONE = 0.1  # of its height, that f bends by elsewhere in the last look: waves too short to be followed bend everywhere
HALVINGS = 40  # of the spacing of the last look, until the steps differ by less than the rounding of any argument
ORDER = 4  # of the differences: a cubic vanishes in them
RESPONSE = 3.0  # the largest fourth difference of a unit step: of 1, 3, 3, 1
NODES = 3  # finer rungs from which a slope is predicted: up to O(h^6)
CLOSER_NODES = 5  # likewise, where the rungs lie closer
BETWEEN = 4  # parts of the way from rung to rung, where they do
CERTAIN = 1 / 4  # share of a visible jump that noise may contribute to a prediction
OUTER = 2.0  # how many times further than the ladder a first look reaches that need not be made
ROUNDING = 2.0**-49  # of f and of its argument, relative to the largest value within reach


def jumps(slopes: Slopes, sigma: float) -> bool:
    """Return whether f does not return to f(0) as the step shrinks: then both quotients diverge as 1/h."""
    for side in (slopes.right, slopes.left):
        rise = np.abs(side * slopes.step)
        rise = rise[np.isfinite(rise)][-LATEST:]
        if len(rise) == LATEST and rise.min() > max(STEADY * rise.max(), CLEAR * sigma):
            return True
    return False


@dataclass(frozen=True)
class Jump:
    """A jump beside the point: by how much, and how far away."""

    size: float
    distance: float

    @property
    def slope(self) -> float:
        """How steep f rises to the next jump if it makes up for this one, as between the stops of an iteration."""
        return self.size / self.distance if self.distance else float("inf")


def continuous_along(ladder: Ladder, least: float) -> float:
    """Return the largest step up to which f is known to be continuous: a jump within would show, by `least` or more.

    Where the rungs of a ladder lie too far apart to predict one another, some are put between them.
    """
    rungs: list[float] = [*range(-ABOVE, FIRST + 1)]
    clear = continuous_to(ladder.at(rungs), least)
    while 0 < clear < ladder.step(-ABOVE):
        k = next(k for k in reversed(rungs) if ladder.step(k) > clear)
        if k != int(k):
            break
        rungs = sorted([*rungs, *(k + n / BETWEEN for n in range(1, BETWEEN))])
        further = continuous_to(ladder.at(rungs), least, CLOSER_NODES)
        if further <= clear:
            break
        clear = further
    return clear


def continuous_to(slopes: Slopes, least: float, nodes: int = NODES) -> float:
    """Return the largest step up to which slopes predict one another: a jump within would show, by `least` or more.

    Central slopes are a series in h^2, as is the gap between the sides over h; beyond a jump it adds to both.
    """
    far, gap = 0.0, slopes.right - slopes.left
    unsure = slopes.noise * math.sqrt(2)  # of the gap, half of which shows a jump as the central slope does
    for k in range(len(slopes.step) - 2, -1, -1):
        h, finer = float(slopes.step[k]), slice(k + 1, k + 1 + nodes)
        middle = _foretold(h, slopes.step[finer], slopes.central[finer], slopes.noise[finer], CERTAIN * least)
        by = h / slopes.step[finer]
        sides = _foretold(h, slopes.step[finer], gap[finer] / 2 * by, unsure[finer] * by, CERTAIN * least)
        off = max(abs(middle - float(slopes.central[k])), abs(sides - float(gap[k]) / 2))
        if off > least or (far and math.isnan(off)):
            break
        far = far if math.isnan(off) else h  # nothing is known of the finest steps: what jumps by so little is noise
    return far


def _foretold(at: float, steps: Floats, values: Floats, noise: Floats, most: float) -> float:
    """Extrapolate an even function of the step from as many values as their noise allows; nan if from none."""
    for count in range(len(steps), 0, -1):
        some = steps[:count] ** 2
        weights = np.array([np.prod([(at * at - o) / (n - o) for o in some if o != n]) for n in some])
        if float(np.abs(weights) @ noise[:count]) <= most:
            return float(weights @ values[:count])
    return math.nan


def jump_nearby(line: Line, scale: float, sigma: float, *, clear: float = 0.0, least: float = 0.0) -> Jump | None:
    """Return the most conspicuous jump within reach, if there is any.

    None is looked for where f is known to be continuous, up to the step `clear`, nor any that is lower than `least`
    times its distance.
    """
    reaches = [reach * scale for reach in REACHES if reach * scale > OUTER * clear]
    return next((jump for reach in reaches if (jump := _within(line, reach, sigma, least))), None)


def _within(line: Line, reach: float, sigma: float, least: float) -> Jump | None:
    """Look ever closer at where the fourth difference of equally spaced values is largest."""
    centre, points = 0.0, POINTS
    heights = []
    for _ in range(ZOOMS):
        places = centre + np.linspace(-reach, reach, points)
        values = np.array([value for _, value in phi_at(line, places)])
        if not np.isfinite(values).all():
            return None
        bends = np.abs(np.diff(values, ORDER))
        at = int(np.argmax(bends))
        heights.append(float(bends[at]) / RESPONSE)
        centre, spacing = float(places[at + ORDER // 2]), float(places[1] - places[0])
        reach, points = reach / ZOOM, CLOSER_POINTS
        unseen = max(CLEAR * sigma, CLEAR * ROUNDING * float(np.abs(values).max()))
        if heights[-1] <= max(unseen, least * (abs(centre) - ORDER * spacing), heights[-2:][0] / SMOOTH):
            return None
    stays = heights[-1] > STAYS * heights[-1 - LAST]
    alone = median(bends) <= ALONE * RESPONSE * heights[-1]
    if not (stays and alone and _abrupt(line, places, values, heights[-1])):
        return None
    return Jump(heights[-1], abs(centre))


def _abrupt(line: Line, places: Floats, values: Floats, height: float) -> bool:
    """Return whether a jump stays at ever smaller distances: a steep continuous change falls with the distance."""
    rises = np.diff(values)
    drift = median(rises) / (places[1] - places[0])
    at = int(np.argmax(np.abs(rises - median(rises))))
    (low, below), (high, above) = line(float(places[at])), line(float(places[at + 1]))
    for _ in range(HALVINGS):
        middle, value = line((low + high) / 2)
        if not low < middle < high:
            break
        if abs(value - below - drift * (middle - low)) >= abs(above - value - drift * (high - middle)):
            high, above = middle, value
        else:
            low, below = middle, value
    return abs(above - below) > STAYS * height
