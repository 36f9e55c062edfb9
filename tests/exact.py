"""Lines that are the same on every machine to the last digit: sums, products, quotients and roots alone.

So what is measured along them can be held against what was measured before, digit for digit.
"""

from __future__ import annotations

import math
import random

import numpy as np


def scatter(t):
    """Return a number between -1/2 and 1/2, drawn at random, the same for the same t."""
    return random.Random(float.hex(t)).random() - 0.5


def single(t):
    """Return a number as single precision keeps it."""
    return float(np.float32(t))


def stairs(t, width):
    return math.floor(t / width) * width


def ripple(t):
    """Return smooth waves of period 1."""
    u = t - math.floor(t)
    return u * u * (1 - u) * (1 - u) * (1 - 2 * u)


def rational(t):
    return t / (1 + t * t)


def witch(t):
    return 1 / (1 + 25 * t * t)


def bend(t):
    return math.sqrt(1 + t * t)


def cubic(t):
    return t * t * t - 2 * t * t + t


def tenth(t):
    return (1 + t) ** 2 * (1 - t / 3) ** 8


def root(t):
    return math.sqrt(t)


def two_roots(t):
    return math.copysign(math.sqrt(abs(t)), t)


def cusp(t):
    return math.sqrt(abs(t))


def relu(t):
    return max(t, 0.0)


def elbow(t):
    """Return a kink of slopes 1 and 3 on a curve."""
    return (3 if t > 0 else 1) * t + t * t


def jump(t):
    return t + (1e-3 if t > 0 else 0.0)


def quarter(t):
    """Return a power of 5/4, whose slopes tend to 0 as slowly as a fourth root does."""
    return abs(t) * math.sqrt(math.sqrt(abs(t)))


def deep(t):
    """Return a root that is smooth below 2^-70."""
    return math.copysign(math.sqrt(abs(t) + 2.0**-70) - 2.0**-35, t)


def still(_):
    return 5.0


def half_dead(t):
    """Return what dies away on the left, as far as any step shows, and rises on the right."""
    return t if t > 0 else 0.0


def edged(t):
    """Return a smooth function that is defined up to 0.003 on the right."""
    return rational(t) if t < 0.003 else math.nan


def beside(distance, slope=1.0):
    """Return a smooth function with a kink at a distance."""
    return lambda t: rational(t) + slope * max(t - distance, 0.0)


def leaping(distance, height):
    """Return a smooth function with a jump at a distance."""
    return lambda t: rational(t) + height * (t > distance)


def noisy(f, sigma):
    return lambda t: f(t) + sigma * scatter(t)


def two_kinks(t):
    return max(t, -1e-3) + max(t, 2e-3) + t * t


def gated(t):
    """Return a slope of 1 and, of single precision, one of 1/2 beneath it."""
    return t + 0.5 * single(1 + t)
