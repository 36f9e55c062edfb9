"""What is the limit of slopes as the step falls? Richardson's extrapolation, with its uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from operator import add
from typing import TypeVar

import numpy as np

from gradcheck._measure.line import Floats

RATIO = 4.0  # of the step at one rung of a ladder to that at the next finer one
ORDERS = 4  # at most O(h^8) from central slopes: one less knows a sine three times less well, and more know no better
STANDS_OUT = 2.0  # bounds of the noise, above which a slope or a gap is seen
OF_ONE = 4 / 3  # times a bound of three standard deviations: of a dozen rungs one is off by more, in a thousand ladders
BEFORE_THE_LAST = RATIO**2  # of the gap before the last, what is still to come is no less than one in so many
LASTING = 4  # rungs over which they fall slowly, and then are taken to go on so where they cannot be seen
SLOW = 0.4  # from rung to rung gaps, of rungs or of sides, fall to 1/4 where f is smooth, and a little more is allowed
LINEAR = 1 / RATIO  # gaps are assumed to fall no faster than this: linearly with the step
SLOWEST = 0.97  # gaps that do not even fall by this ratio are taken to do so


Numbers = TypeVar("Numbers", float, Floats)


def extrapolated_once(wide: Numbers, narrow: Numbers, step: Numbers | float) -> tuple[Numbers, Numbers]:
    """Return the slope, and by how much the finer central difference was put off, from two of them (Richardson).

    `wide` and `narrow` are what f rises by between the ends of a step, and of one that is finer by `RATIO`.
    """
    coarse, fine = wide / (2 * step), narrow / (2 * (step / RATIO))
    correction = (fine - coarse) / (RATIO**2 - 1)
    return fine + correction, correction


@dataclass(frozen=True)
class Limit:
    """The limit of a sequence of slopes as the step goes to zero: value +- error, taken at a rung."""

    value: float
    error: float
    rung: int


NOWHERE = Limit(math.nan, math.inf, -1)


def limit(slopes: Floats, noise: Floats, power: int, kinked: Floats | None = None) -> Limit:
    """Extrapolate slopes that differ from their limit by c1 h^p + c2 h^2p + ... (Richardson; Ridders 1982).

    Of all rungs and orders that with the smallest sum of truncation and noise wins, provided that every
    finer rung agrees with it: coarse steps that agree do not count if finer ones contradict them
    (aliasing, a kink nearby). The truncation is judged from the neighbouring rungs under the assumption
    that the sequence converges at least linearly, which holds near kinks too.

    In numbers of Python, which for the few rungs of a ladder cost a sixth of what arrays do.
    """
    measured, jitter, known = slopes.tolist(), noise.tolist(), len(slopes)
    kinks = [0.0] * known if kinked is None else kinked.tolist()
    # What a rung itself may still be off by.
    own = [math.nan, *(abs(b - a) / (RATIO**power - 1) for a, b in pairwise(measured))]
    allowed = [OF_ONE * n for n in jitter] if power > 1 else jitter  # beside a kink one side is believed no longer
    value, smallest, rung = math.nan, math.inf, -1
    table, gain, lower = measured, 1.0, [0.0] * known
    for order in range(ORDERS):
        factor = RATIO ** (power * order)
        if order:
            table = [math.nan, *[b + (b - a) / (factor - 1) for a, b in pairwise(table)]]
            gain *= (factor + 1) / (factor - 1)
        rounding = [n * gain for n in jitter]
        gaps = [math.nan, *[abs(b - a) for a, b in pairwise(table)]]
        truncation = _truncation(gaps, lower, rounding, factor)
        error = list(map(add, map(add, truncation, rounding), kinks))
        for k in sorted([k for k in range(known) if error[k] < smallest], key=error.__getitem__):
            at, off = table[k], error[k]
            if all(not abs(measured[j] - at) > off + allowed[j] + own[j] for j in range(k + 1, known)):
                value, smallest, rung = at, off, k
                break
        lower = gaps
    return Limit(value, smallest, rung)


def _truncation(gaps: list[float], lower: list[float], noise: list[float], factor: float) -> list[float]:
    """Return what is still to come at each rung, and at least a sixteenth of the gap before the last.

    A first gap has only that of the order below to be held against, and counts in full.
    """
    truncation, before = [], math.nan
    for gap, tail, below in zip(gaps, _tails(gaps, noise), lower, strict=True):
        if before != before:  # noqa: PLR0124  nan, asked often
            least, more = gap, below / factor
        else:
            least, more = before / BEFORE_THE_LAST, gap * tail  # in this order, so that nan is not taken as the larger
        truncation.append(max(least, more))
        before = gap
    return truncation


def _tails(gaps: list[float], noise: list[float]) -> list[float]:
    """Return what is still to come, in units of the last gap, of gaps that fall from one to the next.

    At least as if they fell linearly with the step; more if they are seen, above the noise, to fall more slowly, or
    did so for as long as they could be seen.
    """
    ratios, slow, before = [], 0, math.nan
    for gap, n in zip(gaps, noise, strict=True):
        ratio = 0.0
        if gap > STANDS_OUT * n:
            ratio = gap / before if before else math.inf
            ratio = min(SLOWEST, ratio)
            slow += ratio > SLOW
        ratios.append(ratio)
        before = gap
    if slow >= LASTING:
        seen = np.array(gaps) > STANDS_OUT * np.array(noise)
        lasting = _lasting(np.where(seen, ratios, np.nan)).tolist()
        ratios = [max(pair) for pair in zip(ratios, lasting, strict=True)]
    return [ratio / (1 - ratio) if ratio > LINEAR else LINEAR / (1 - LINEAR) for ratio in ratios]


def _lasting(ratios: Floats) -> Floats:
    """Return at each rung the smallest of the last consecutive ratios that were seen, 0 where none were yet."""
    smallest = np.full(len(ratios), np.nan)
    smallest[LASTING - 1 :] = np.lib.stride_tricks.sliding_window_view(ratios, LASTING).min(axis=1)
    known = np.maximum.accumulate(np.where(np.isnan(smallest), 0, np.arange(len(ratios))))
    lasting: Floats = np.nan_to_num(smallest[known])
    return lasting
