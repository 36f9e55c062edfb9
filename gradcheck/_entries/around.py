"""Which slopes along a direction does f have at points around the given one, off the line through it?

Where numbers tie, as in a maximum, f has several gradients around the point, and each is a legal choice at it: also one
that no line through the point shows, as of a median of equal numbers, which stands still when any one of them moves.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gradcheck._entries.under_test import UnderTest
from gradcheck._measure.line import power_of_two
from gradcheck._model.oracle import Array
from gradcheck._model.subject import Subject
from gradcheck._results.estimate import DEVIATIONS

Floats = NDArray[np.float64]

COARSEST = 2.0**-12  # of the scale: where noise asks for larger steps, nothing is learnt of a tie
CLEAR = 2.0**8  # bounds of the noise, that a slope to be seen moves f by over a step: a finer one than needed
BESIDE = 256.0  # steps, that the points lie away: few cross a kink, and kinks that are not at the point are further
FURTHER = 64.0  # times as far away, where a cone has the same slopes


def step_for(tested: UnderTest, slope: float) -> float | None:
    """Return the step, of the scale, at which such a slope stands out of the noise; None if that is a large one."""
    if not 0 < slope < np.inf:
        return None
    noise = DEVIATIONS * max(tested.sigma, tested.subject.rounding())
    least = max(CLEAR * noise / slope, CLEAR * tested.leaf.eps)
    return power_of_two(2 * least) if least <= COARSEST else None


def slopes_around(tested: UnderTest, move: Floats, step: float, places: int, far: float = 1.0) -> Floats:
    """Return the slopes along a move at some random places around the point, to which all tensors are moved."""
    subject, rng = tested.subject, np.random.default_rng(0)
    along = {tested.path: move.reshape(tested.leaf.array.shape)}
    slopes = []
    for _ in range(places):
        away = [
            (path, far * BESIDE * step * rng.standard_normal(leaf.array.shape) * leaf.spread.reshape(leaf.array.shape))
            for path, leaf in subject.chosen.items()
        ]
        with subject.at(away) as there:
            slopes.append(slope_at(there, along, step))
    return np.array(slopes)


def slope_at(there: Subject, along: Mapping[str, Array], step: float) -> float:
    """Return the slope along a move at a place."""
    line = there.direction(along)
    return (line(step)[1] - line(-step)[1]) / (2 * step)


def sides(tested: UnderTest, move: Floats, step: float) -> tuple[float, float]:
    """Return the slopes along a move to the left and to the right of the point."""
    line = tested.subject.direction({tested.path: move.reshape(tested.leaf.array.shape)})
    return -line(-step)[1] / step, line(step)[1] / step
