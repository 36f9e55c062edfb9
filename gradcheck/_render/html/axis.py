"""Where on a picture does a number stand? On a logarithmic axis, with its ticks at powers of ten."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gradcheck._render.figures import short

WIDTH, HEIGHT = 340, 230  # pixels
LEFT, RIGHT, TOP, BOTTOM = 14, 326, 16, 190  # of what the axes enclose
TICKS = 6  # at most


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
    return tuple(Tick(place(k, low, high, begin, end), short(10.0**k)) for k in kept)
