"""What is a line through a point, and which functions are known well enough to measure along one?"""

from __future__ import annotations

import math

from gradcheck._measure.noise import noise_of
from gradcheck._measure.step import Ladder

EPS = 2.0**-52
SMOOTH = {
    "sin": (math.sin, math.cos),
    "exp": (math.exp, math.exp),
    "tanh": (math.tanh, lambda x: 1 - math.tanh(x) ** 2),
    "cube": (lambda x: x**3 - 2 * x * x + x, lambda x: 3 * x * x - 4 * x + 1),
    "fifth power": (lambda x: x**5, lambda x: 5 * x**4),
}


def line_of(f, x):
    """Return the line through x as the checker asks for it: (step really taken, f there minus f at x)."""
    base = f(x)

    def line(t):
        moved = x + t
        try:
            return moved - x, f(moved) - base
        except (ValueError, OverflowError):
            return moved - x, math.nan

    return line


def ladder_of(f, x, scale=None, sigma=None):
    line, scale = line_of(f, x), abs(x) if scale is None else scale
    floor = 0.35 * EPS * abs(f(x))
    sigma = noise_of(line, scale, floor, 8 * EPS * scale) if sigma is None else sigma
    return Ladder(line, scale, sigma, finest=4 * EPS * abs(x))


def slopes_of(f, x, first=0, last=7, sigma=1e-16):
    return ladder_of(f, x, 1.0, sigma).climb(first, last)
