"""Where on a picture does a number stand? On an axis, with ticks at powers of ten, or at round numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gradcheck._render.figures import number
from gradcheck._results.floating import NORMAL

WIDTH, HEIGHT = 340, 230  # pixels
LEFT, RIGHT, TOP, BOTTOM = 14, 326, 16, 190  # of what the axes enclose
TICKS = 6  # at most
FEW, ROUND = 4, (1, 2, 5, 10, 20)  # numbers of an axis, and what they are multiples of
LONGEST = 6  # digits of such a number
MOST = 1e15  # times their distance, that two numbers may be far from zero: floats hold no more digits


@dataclass(frozen=True)
class Tick:
    """A label at a place of an axis."""

    at: float
    label: str


def place(value: float, low: float, high: float, begin: float, end: float) -> float:
    """Return where a value of [low, high] lies between two places, to a tenth of a pixel."""
    return round(begin + (end - begin) * (value - low) / (high - low), 1)


def decades(low: float, high: float, begin: float = LEFT, end: float = RIGHT) -> tuple[Tick, ...]:
    """Return the powers of ten between two logarithms, not more than can be read."""
    powers = range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
    stride = max(1, -(-len(powers) // TICKS))
    kept = [k for k in powers if k % stride == 0]
    return tuple(Tick(place(k, low, high, begin, end), number(10.0**k, 3)) for k in kept)


def rounds(low: float, high: float, begin: float = BOTTOM, end: float = TOP) -> tuple[Tick, ...]:
    """Return a few round numbers between two, each with the digits that tell it from the next."""
    if not (FEW * NORMAL < high - low < math.inf and MOST * (high - low) > max(abs(low), abs(high))):
        return ()
    step = 10.0 ** math.floor(math.log10((high - low) / FEW))
    step = next(step * by for by in ROUND if (high - low) / (step * by) <= FEW)
    numbers = [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
    digits = max((_digits(n, step) for n in numbers if n), default=1)
    if digits > LONGEST:  # what tells them apart is too small beside them
        return ()
    return tuple(Tick(place(n, low, high, begin, end), number(n, max(2, digits))) for n in numbers)  # 10, not 1e1


def _digits(value: float, step: float) -> int:
    return max(1, math.floor(math.log10(abs(value))) - math.floor(math.log10(step)) + 1)
