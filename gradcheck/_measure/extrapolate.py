"""What do slopes tend to as the step falls? Richardson's extrapolation, with what it leaves unknown."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gradcheck._measure.line import Floats

RATIO = 4.0  # from rung to rung
ORDERS = 4  # at most O(h^8) from central slopes: one less knows a sine three times less well, and more know no better
STANDS_OUT = 2.0  # bounds of the noise, above which a gap between rungs is seen
LASTING = 4  # rungs over which they fall slowly, and then are taken to go on so where they cannot be seen
SLOW = 0.4  # from rung to rung gaps fall by 1/4 where f is smooth, and a little more is allowed
SLOWEST = 0.97  # gaps that do not even fall by this ratio are taken to do so


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
    table, gain, lower = slopes, 1.0, np.zeros(len(slopes))
    own = np.abs(np.diff(slopes, prepend=np.nan)) / (RATIO**power - 1)  # what a rung itself may still be off by
    for order in range(ORDERS):
        if order:
            factor = RATIO ** (power * order)
            shifted = np.concatenate([[np.nan], table[:-1]])
            table = table + (table - shifted) / (factor - 1)
            gain *= (factor + 1) / (factor - 1)
        gap = np.abs(np.diff(table, prepend=np.nan))
        before = np.concatenate([[np.nan], gap[:-1]])
        # A first gap has only that of the order below to be held against, and counts in full.
        first = np.maximum(gap, lower / RATIO ** (power * order))
        truncation = np.where(
            np.isnan(before), first, np.fmax(gap * _tail(gap, before, noise * gain), before / RATIO**2)
        )
        lower = gap
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

    At least as if they fell linearly with the step; more if they are seen, above the noise, to fall more slowly, or
    did so for as long as they could be seen.
    """
    seen = gap > STANDS_OUT * noise
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(seen, np.fmin(gap / before, SLOWEST), 0.0)
    if np.count_nonzero(ratio > SLOW) >= LASTING:
        ratio = np.fmax(ratio, _lasting(np.where(seen, ratio, np.nan)))
    tail: Floats = np.fmax(1 / (RATIO - 1), ratio / (1 - ratio))
    return tail


def _lasting(ratios: Floats) -> Floats:
    """Return at each rung the smallest of the last consecutive ratios that were seen, 0 where none were yet."""
    smallest = np.full(len(ratios), np.nan)
    smallest[LASTING - 1 :] = np.lib.stride_tricks.sliding_window_view(ratios, LASTING).min(axis=1)
    known = np.maximum.accumulate(np.where(np.isnan(smallest), 0, np.arange(len(ratios))))
    lasting: Floats = np.nan_to_num(smallest[known])
    return lasting
