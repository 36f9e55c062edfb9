"""What do slopes tend to as the step falls? Richardson's extrapolation, with what it leaves unknown."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gradcheck._measure.line import Floats

RATIO = 4.0  # from rung to rung
ORDERS = 4  # extrapolations: at most O(h^8) from central slopes
STANDS_OUT = 2.0  # bounds of the noise, above which a gap between rungs is seen
SLOWEST = 0.9  # gaps that do not even fall by this ratio are taken to do so


@dataclass(frozen=True)
class Limit:
    """The limit of a sequence of slopes as the step goes to zero: value +- error, taken at a rung."""

    value: float
    error: float
    rung: int


def limit(slopes: Floats, noise: Floats, power: int, kinked: Floats | float = 0.0) -> Limit:
    """Extrapolate slopes that differ from their limit by c1 h^p + c2 h^2p + ... (Richardson; Ridders 1982).

    Of all rungs and orders that with the smallest sum of truncation and noise wins, provided that every
    finer rung agrees with it: what coarse steps say together counts for nothing if finer ones deny it
    (aliasing, a kink nearby). The truncation is judged from the neighbouring rungs under the assumption
    that the sequence converges at least linearly, which holds near kinks too.
    """
    best = Limit(math.nan, math.inf, -1)
    table, gain = slopes, 1.0
    own = np.abs(np.diff(slopes, prepend=np.nan)) / (RATIO**power - 1)  # what a rung itself may still be off by
    for order in range(ORDERS):
        if order:
            factor = RATIO ** (power * order)
            shifted = np.concatenate([[np.nan], table[:-1]])
            table = table + (table - shifted) / (factor - 1)
            gain *= (factor + 1) / (factor - 1)
        gap = np.abs(np.diff(table, prepend=np.nan))
        before = np.concatenate([[np.nan], gap[:-1]])
        # With one gap only there is nothing to hold it against, so it counts in full.
        truncation = np.where(np.isnan(before), gap, np.fmax(gap * _tail(gap, before, noise * gain), before / RATIO**2))
        error = truncation + noise * gain + kinked
        for k in np.argsort(np.where(np.isnan(error), np.inf, error), kind="stable"):
            if not error[k] < best.error:
                break
            finer = np.abs(slopes[k + 1 :] - table[k])
            allowed = error[k] + noise[k + 1 :] + own[k + 1 :]
            if not (finer > allowed).any():
                best = Limit(float(table[k]), float(error[k]), int(k))
                break
    return best


def _tail(gap: Floats, before: Floats, noise: Floats) -> Floats:
    """Return what is still to come, in units of the last gap, of gaps that fall from `before` to `gap`.

    At least as if they fell linearly with the step; more if they are seen, above the noise, to fall more slowly.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(gap > STANDS_OUT * noise, np.fmin(gap / before, SLOWEST), 0.0)
    tail: Floats = np.fmax(1 / (RATIO - 1), ratio / (1 - ratio))
    return tail
