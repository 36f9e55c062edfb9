"""How well can a slope be known where noise is all that limits it? Least squares over many points.

A ladder of steps takes two values at each; where the function is smooth far beyond the steps that its noise
allows, a polynomial through many values averages the noise away.
"""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from gradcheck._measure.extrapolate import Limit
from gradcheck._measure.step import Ladder

T = TypeVar("T", float, NDArray[np.float64])

REACHES = (4.0, 2.0, 1.0, 0.5, 0.25)  # half the width of a fit, relative to the scale of the entry
PAIRS = 10  # values on either side
DEGREES = (2, 4, 6, 8, 10)  # odd ones add nothing to a slope; the highest leaves half of the values to show the noise
DEVIATIONS = 4.0  # standard deviations of a fitted slope that bound what the noise makes of it
SAFE = 2.0  # times the largest difference from fits of higher degree, that bounds the misfit of one
HIDDEN = 16.0  # what a misfit may do to the slope, in units of its size a reach
ROUGH = 1.2  # residuals above this many times the noise: no polynomial, or a kink
USUAL = 16.0  # the uncertainty of a fit, in noises of f a scale
NOWHERE = Limit(math.nan, math.inf, -1)


def fit(ladder: Ladder, reach: float) -> Limit:
    """Fit polynomials to equally spaced values on both sides, and return the slope at 0 of the best known.

    The reach is relative to the scale of the entry.

    The slope of one degree is held against those of all higher ones; the largest difference, and what the noise
    makes of the slope, bound the error, which is no smaller than what a misfit hidden by the noise could do. The
    rung of the limit is the degree's place in `DEGREES`.
    """
    reach, sigma = reach * ladder.scale, ladder.sigma
    places = reach * np.concatenate([np.arange(-PAIRS, 0), np.arange(1, PAIRS + 1)]) / PAIRS
    taken, values = np.array([ladder.line(float(t)) for t in places]).T
    powers = np.vander(taken / reach, DEGREES[-1] + 1, increasing=True)
    if not (np.isfinite(values).all() and np.isfinite(powers).all()):
        return NOWHERE
    slopes, gains, residuals = [], [], []
    for degree in DEGREES:
        inverse = np.linalg.pinv(powers[:, : degree + 1])
        coefficients = inverse @ values
        left_over = float(np.sum((values - powers[:, : degree + 1] @ coefficients) ** 2))
        slopes.append(float(coefficients[1]) / reach)
        gains.append(float(np.linalg.norm(inverse[1])))
        residuals.append(math.sqrt(left_over / (2 * PAIRS - degree - 1)))
    hidden = max(HIDDEN * residuals[-1], sigma)  # a misfit, such as of a kink, that the noise hides
    candidates = [
        Limit(
            slopes[n],
            SAFE * max(abs(slopes[n] - higher) for higher in slopes[n + 1 :])
            + max(DEVIATIONS * sigma * gains[n], hidden) / reach,
            n,
        )
        for n in range(len(DEGREES) - 1)
        if residuals[n] <= ROUGH * sigma
    ]
    return min(candidates, key=lambda c: c.error, default=NOWHERE)


def widest(ladder: Ladder) -> tuple[Limit, float]:
    """Return the best of the fits of all widths, and its reach."""
    fits = [(fit(ladder, reach), reach) for reach in REACHES]
    return min(fits, key=lambda f: f[0].error)


def promise(sigma: float, scale: T) -> T:
    """Return the uncertainty that a fit usually has."""
    return USUAL * sigma / scale
