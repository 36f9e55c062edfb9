"""How well can a slope be known where noise is all that limits it? Least squares over many points.

A ladder of steps takes two values at each; where the function is smooth far beyond the steps that its noise
allows, a polynomial through many values averages the noise away.
"""

from __future__ import annotations

import math
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from gradcheck._measure.extrapolate import NOWHERE, Limit
from gradcheck._measure.line import Floats, phi_at
from gradcheck._measure.step import Ladder

T = TypeVar("T", float, NDArray[np.float64])

REACHES = (4.0, 2.0, 1.0, 0.5, 0.25)  # half the width of a fit, relative to the scale of the entry
PAIRS = 10  # values on either side of the point that a fit is made of
DEGREES = (2, 4, 6, 8, 10)  # odd ones add nothing to a slope; the highest leaves half of the values to show the noise
DEVIATIONS = 4.0  # standard deviations of a fitted slope that bound what the noise makes of it
SAFE = 2.0  # times the largest difference from fits of higher degree, that bounds the misfit of one
HIDDEN = 16.0  # what a misfit may do to the slope, in units of its size a reach
ROUGH = 1.2  # residuals above this many times the noise: no polynomial, or a kink
MORE = 16  # times as many values, where a slope is to be known better
CORNERS = 31  # places within the reach, at which a kink may be that the noise hides
USUAL = 16.0  # the uncertainty of a fit, in noises of f a scale


def fit(ladder: Ladder, reach: float) -> Limit:
    """Fit polynomials to equally spaced values on both sides, and return the slope at 0 of the best known.

    The reach is relative to the scale of the entry.

    The slope of one degree is compared with those of all higher ones; the largest difference, and what the noise
    makes of the slope, bound the error, which is no smaller than what a misfit hidden by the noise could do. The
    rung of the limit is the degree's place in `DEGREES`.
    """
    reach, sigma = reach * ladder.scale, ladder.sigma
    powers, values = _values(ladder, reach, PAIRS)
    if not (np.isfinite(values).all() and np.isfinite(powers).all()):
        return NOWHERE
    fits = [_one(powers[:, : degree + 1], values) for degree in DEGREES]
    hidden = max(HIDDEN * fits[-1].residual, sigma)  # a misfit, such as of a kink, that the noise hides
    left = [max(DEVIATIONS * sigma * fitted.gain, hidden) for fitted in fits]
    return _best(fits, left, ROUGH * sigma, reach)


def _values(ladder: Ladder, reach: float, pairs: int) -> tuple[Floats, Floats]:
    """Return values at equally spaced places on both sides, and the powers of the places."""
    places = reach * np.concatenate([np.arange(-pairs, 0), np.arange(1, pairs + 1)]) / pairs
    taken, values = np.array(phi_at(ladder.line, places)).T
    return np.vander(taken / reach, DEGREES[-1] + 1, increasing=True), values


def closer(ladder: Ladder, reach: float) -> Limit:
    """Fit polynomials to so many values that a kink hardly hides in the noise, and return the slope of the best known.

    What a kink may do to the slope is what the residuals leave of one at any place within the reach.
    """
    reach = reach * ladder.scale
    powers, values = _values(ladder, reach, MORE * PAIRS)
    if not (np.isfinite(values).all() and np.isfinite(powers).all()):
        return NOWHERE
    fits = [_one(powers[:, : degree + 1], values) for degree in DEGREES]
    sigma = max(ladder.sigma, fits[-1].residual)
    left = [
        DEVIATIONS * sigma * fitted.gain + _hidden(powers[:, : degree + 1], values, sigma)
        for degree, fitted in zip(DEGREES, fits, strict=True)
    ]
    return _best(fits, left, ROUGH * sigma, reach)


def _best(fits: list[_Fit], left: list[float], rough: float, reach: float) -> Limit:
    """Return the slope of the fit that is known best; `left`: what noise, and what it hides, make of each."""
    candidates = [
        Limit(
            fitted.slope / reach,
            (SAFE * max(abs(fitted.slope - higher.slope) for higher in fits[n + 1 :]) + left[n]) / reach,
            n,
        )
        for n, fitted in enumerate(fits[:-1])
        if fitted.residual <= rough
    ]
    return min(candidates, key=lambda c: c.error, default=NOWHERE)


class _Fit(NamedTuple):
    """A polynomial through values: its slope at 0, what that gains of their noise, and what they are off by."""

    slope: float
    gain: float
    residual: float


def _one(powers: Floats, values: Floats) -> _Fit:
    inverse = np.linalg.pinv(powers)
    coefficients = inverse @ values
    left_over = float(np.sum((values - powers @ coefficients) ** 2))
    return _Fit(
        float(coefficients[1]),
        float(np.linalg.norm(inverse[1])),
        math.sqrt(left_over / (len(values) - powers.shape[1])),
    )


def _hidden(powers: Floats, values: Floats, sigma: float) -> float:
    """Return the most that a kink, of which the residuals show no more than they do, does to the slope at 0."""
    corners = np.linspace(-1, 1, CORNERS + 2)[1:-1]
    kinks = np.abs(powers[:, 1:2] - corners) / 2  # the slope changes by 1 there
    inverse = np.linalg.pinv(powers)
    kept = kinks - powers @ (inverse @ kinks)
    length = np.linalg.norm(kept, axis=0)
    height = np.abs(kept.T @ values) / length**2 + DEVIATIONS * sigma / length
    moved = np.abs((inverse @ kinks)[1] + np.sign(corners) / 2)
    return float((height * np.maximum(moved, 1 / 2 * (corners == 0))).max())


def widest(ladder: Ladder) -> tuple[Limit, float]:
    """Return the best of the fits of all widths, and its reach."""
    fits = [(fit(ladder, reach), reach) for reach in REACHES]
    return min(fits, key=lambda f: f[0].error)


def promise(sigma: float, scale: T) -> T:
    """Return the uncertainty that a fit usually has."""
    return USUAL * sigma / scale
