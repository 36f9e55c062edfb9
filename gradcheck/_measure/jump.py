"""Does the function jump, here or nearby, like a solver that stops early? Then it is known no better than the jump.

A solver with a tolerance is smooth wherever its number of iterations stays the same: its noise is invisible at
small steps, and its slope there is that of the truncated iteration, not of the solution. What gives it away are
the jumps where the number of iterations changes. A kink is no jump: it vanishes as one looks closer.
"""

from __future__ import annotations

import numpy as np

from gradcheck._measure.line import Line
from gradcheck._measure.slopes import Slopes


def jumps(slopes: Slopes, sigma: float) -> bool:
    """Return whether f does not return to f(0) as the step shrinks: then both quotients diverge as 1/h."""
    for side in (slopes.right, slopes.left):
        rise = np.abs(side * slopes.step)
        rise = rise[np.isfinite(rise)][-5:]
        if len(rise) == 5 and rise.min() > max(0.9 * rise.max(), 20 * sigma):
            return True
    return False


REACHES = (0.0625, 0.25, 1.0)  # how far to look, relative to the scale of the entry
POINTS = 65
ZOOMS = 9  # each four times closer than the one before
LAST = 3  # zooms over which a jump stays, a kink falls 64 times, and a smooth function to its noise
ORDER = 4
ROUNDING = 2.0**-49  # of f and of its argument, relative to the largest value within reach
RESPONSE = 3.0  # the largest fourth difference of a unit step


def jump_nearby(line: Line, scale: float, sigma: float) -> float:
    """Return the size of the most conspicuous jump within reach, 0.0 if there is none."""
    return next((jump for reach in REACHES if (jump := _within(line, reach * scale, sigma))), 0.0)


def _within(line: Line, reach: float, sigma: float) -> float:
    """Look ever closer at where the fourth difference of equally spaced values is largest."""
    centre = 0.0
    heights = []
    for _ in range(ZOOMS):
        places = centre + np.linspace(-reach, reach, POINTS)
        values = np.array([line(float(t))[1] for t in places])
        if not np.isfinite(values).all():
            return 0.0
        bends = np.abs(np.diff(values, ORDER))
        at = int(np.argmax(bends))
        heights.append(float(bends[at]) / RESPONSE)
        centre, reach = float(places[at + ORDER // 2]), reach / 4
        if heights[-1] <= 20 * max(sigma, ROUNDING * float(np.abs(values).max())):
            return 0.0
    return heights[-1] if heights[-1] > heights[-1 - LAST] / 2 else 0.0
