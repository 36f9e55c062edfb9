"""Does the function jump, here or nearby, like a solver that stops early? Then it is known no better than the jump.

A solver with a tolerance is smooth wherever its number of iterations stays the same: its noise is invisible at
small steps, and its slope there is that of the truncated iteration, not of the solution. What gives it away are
the jumps where the number of iterations changes. A kink is no jump: it vanishes as one looks closer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradcheck._measure.line import Floats, Line
from gradcheck._measure.slopes import Slopes
from gradcheck._results.middle import median

LATEST = 5  # rungs, the finest, at which f must stay away from f(0)
STEADY = 0.9  # of the largest rise among them, that the smallest must be
CLEAR = 20.0  # standard deviations of the noise, that a jump must exceed
REACHES = (0.0625, 0.25, 1.0)  # how far to look, relative to the scale of the entry
POINTS = 65  # equally spaced, in each first look
CLOSER_POINTS = 17  # in each closer one: a jump lies within one spacing of the largest difference, of 8 in the reach
ZOOMS = 9  # each so many times closer than the one before:
ZOOM = 4.0
LAST = 3  # zooms over which a jump stays, a kink falls 64 times, and a smooth function to its noise
STAYS = 0.5  # of its height before them, that a jump keeps at least
ALONE = 0.1  # of its height, that f bends by elsewhere in the last look: waves too short to be followed bend everywhere
HALVINGS = 40  # of the spacing of the last look, until the steps differ by less than the rounding of any argument
ORDER = 4  # of the differences: a cubic vanishes in them
RESPONSE = 3.0  # the largest fourth difference of a unit step: of 1, 3, 3, 1
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


def jump_nearby(line: Line, scale: float, sigma: float) -> Jump | None:
    """Return the most conspicuous jump within reach, if there is any."""
    return next((jump for reach in REACHES if (jump := _within(line, reach * scale, sigma))), None)


def _within(line: Line, reach: float, sigma: float) -> Jump | None:
    """Look ever closer at where the fourth difference of equally spaced values is largest."""
    centre, points = 0.0, POINTS
    heights = []
    for _ in range(ZOOMS):
        places = centre + np.linspace(-reach, reach, points)
        values = np.array([line(float(t))[1] for t in places])
        if not np.isfinite(values).all():
            return None
        bends = np.abs(np.diff(values, ORDER))
        at = int(np.argmax(bends))
        heights.append(float(bends[at]) / RESPONSE)
        centre, reach, points = float(places[at + ORDER // 2]), reach / ZOOM, CLOSER_POINTS
        if heights[-1] <= CLEAR * max(sigma, ROUNDING * float(np.abs(values).max())):
            return None
    stays = heights[-1] > STAYS * heights[-1 - LAST]
    alone = median(bends) <= ALONE * RESPONSE * heights[-1]
    if not (stays and alone and _abrupt(line, places, values, heights[-1])):
        return None
    return Jump(heights[-1], abs(centre))


def _abrupt(line: Line, places: Floats, values: Floats, height: float) -> bool:
    """Return whether a jump stays however close one looks: what is steep, but continuous, falls with the distance."""
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
