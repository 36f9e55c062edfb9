"""How steep is the scalar in each pre-activation, row by row? Each unit is shifted by four steps, in all rows at once.

As rows are independent, one shift of a unit shows the slopes of all of them: z = x W + b turns them into those of every
weight of it, x^T D, of the bias, the sum of the rows of D, and of the inputs, D W^T.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradcheck._entries.calibrate import BENDIER
from gradcheck._entries.glance import CLOSES
from gradcheck._measure.extrapolate import RATIO, extrapolated_once
from gradcheck._measure.noise import FEWER
from gradcheck._model.site import WeightSite
from gradcheck._model.subject import ROUNDED
from gradcheck._results.estimate import SMALLEST
from gradcheck._results.floating import DOUBLE, LEAST

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

COARSE = 2.0**-10  # the larger step, of the size of a unit's pre-activations
FINER = (1.0, 2.0**-5, 2.0**-10)  # times that, until no kink lies within
LITTLE = 2.0**-6  # of a typical pre-activation: no step is taken for a smaller one
NUDGE = 2.0**-40  # of a pre-activation: f moves by less than its noise
LISTENED = 16  # units whose noise is measured
FURTHER = 8.0  # times finer steps, of which some units tell what the extrapolation of the coarse ones leaves
OTHERWISE = 30.0  # times the usual correction of its unit, beyond which a row may bend in another way than others
MOST = 2.0  # corrections: what it leaves at the most
ROUNDINGS = 4.0  # of a slope: what adding up leaves of it
CLEAR = 8.0  # standard deviations of a slope's noise, beyond which a gap is one
SIDES = np.array([1.0, -1.0, 1 / RATIO, -1 / RATIO])


@dataclass(frozen=True)
class Probed:
    """The slope of the scalar in every pre-activation, what is unknown of it, and what noise makes of that."""

    slopes: Floats  # (R, O)
    unknown: Floats  # (R, O)
    noise: Floats  # (O,): standard deviation of that of each row's slope
    alive: NDArray[np.bool_]  # (R, O): whether the scalar moved at all
    calls: int  # of what computes the shifts of many units at once


def probed(site: WeightSite) -> Probed:
    """Shift every unit of a site; those that may have met a kink again, by finer steps."""
    rows, units = site.before.shape
    size = np.sqrt(np.mean(site.before**2, axis=0))
    size = np.maximum(size, LITTLE * (float(np.sqrt(np.mean(size**2))) or 1.0))
    some = np.unique(np.linspace(0, units - 1, LISTENED).astype(np.int64))
    sigma = _listened(site, some)
    bends = _bends(site, some, size, sigma)
    slopes, unknown = np.empty((rows, units)), np.full((rows, units), np.inf)
    alive, noise = np.zeros((rows, units), dtype=bool), np.zeros(units)
    again, calls = np.arange(units), 3
    for finer in FINER:
        for part in np.array_split(again, min(len(again), -(-len(again) * len(SIDES) // site.at_once))):
            step = COARSE * finer * size[part]
            four = _Four.of(site, part, step, sigma)
            calls += 1
            left = four.unknown(bends)
            better = left.max(axis=0) + four.error < unknown[:, part].max(axis=0) + noise[part]
            which = part[better]
            slopes[:, which], unknown[:, which] = four.slope[:, better], left[:, better]
            noise[which] = four.error[better]
            alive[:, part] |= four.moved
        again = again[unknown[:, again].max(axis=0) > SMALLEST * np.abs(slopes[:, again]).max(axis=0)]
        if not len(again):
            break
    return Probed(slopes, unknown + ROUNDINGS * DOUBLE * np.abs(slopes), noise, alive, calls)


@dataclass(frozen=True)
class _Four:
    """What four shifts of some units show, row by row."""

    slope: Floats  # (R, K), by Richardson's extrapolation
    correction: Floats  # (R, K), by which it differs from that of the finer steps
    gap: Floats  # (R, K) between the sides, where it does not close with the steps: a kink lies within them
    error: Floats  # (K,): standard deviation of the slopes, from the noise
    moved: NDArray[np.bool_]  # (R, K)

    @classmethod
    def of(cls, site: WeightSite, units: Ints, step: Floats, sigma: float) -> _Four:
        """Shift some units by a step and a part of it, both ways."""
        sizes = (SIDES[:, np.newaxis] * step).ravel()
        shifts = np.broadcast_to(sizes[:, np.newaxis], (len(sizes), len(site.before)))
        with np.errstate(all="ignore"):
            found = site.shifted(np.tile(units, len(SIDES)), shifts).reshape(len(SIDES), len(units), -1)
        right, left, up, down = found
        wide = step[:, np.newaxis]
        slope, correction = extrapolated_once(right - left, up - down, wide)
        error = RATIO * sigma / step / np.sqrt(2)
        gap, wider = np.abs(up + down) * RATIO / wide, np.abs(right + left) / wide
        kinked = gap > wider * CLOSES + CLEAR * error[:, np.newaxis]
        return cls(slope.T, correction.T, (gap * kinked).T, error, (found != 0).any(axis=0).T)

    def unknown(self, bends: float) -> Floats:
        """Return what truncation and kinks leave unknown: so many times the correction, of this row or of others.

        A row that bends by far more than others of its unit may bend otherwise.
        """
        size = np.abs(self.correction)
        usual = np.median(size, axis=0)
        beside = np.maximum(size, np.sqrt(np.mean(size**2, axis=0)))
        times = np.where(size > OTHERWISE * usual, MOST, bends)
        return np.nan_to_num(times * beside + self.gap, nan=np.inf)


def _bends(site: WeightSite, units: Ints, size: Floats, sigma: float) -> float:
    """Return how many times their correction extrapolated slopes may be off: as far as some are, by finer steps."""
    coarse = _Four.of(site, units, COARSE * size[units], sigma)
    fine = _Four.of(site, units, COARSE / FURTHER * size[units], sigma)
    smooth = (coarse.gap == 0) & (fine.gap == 0)
    if not smooth.any():
        return MOST
    off = np.abs(coarse.slope - fine.slope)[smooth].max()
    return float(np.clip(BENDIER * off / np.abs(coarse.correction)[smooth].max(initial=LEAST), 0, MOST))


def _listened(site: WeightSite, units: Ints) -> float:
    """Return the standard deviation of the noise of a row's term, from shifts too small to move it."""
    nudges = NUDGE * np.maximum(np.abs(site.before.T[units]), LITTLE)
    moved = site.shifted(units, nudges)
    return FEWER * float(np.sqrt(np.mean(np.nan_to_num(moved) ** 2))) + ROUNDED * DOUBLE * float(
        np.abs(site.terms).max()
    )
