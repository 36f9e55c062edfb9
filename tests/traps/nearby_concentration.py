"""Is a concentration, which is positive, accused where its sign is flipped?

The scaled Bessel functions of a von Mises density have a kink at 0, of which nobody who writes its likelihood thinks:
one number or two of a sign are parameters. What is wrong at the given point, or on that side of 0, stays wrong.
"""

import numpy as np

from traps import normal, right, wrong

around = np.cos(np.linspace(0, 2 * np.pi, 1000, endpoint=False))
angles = 0.5 + 0.6 * normal(40)


def i0e(k):
    """Return the modified Bessel function I0, times exp(-|k|): a mean over a circle."""
    return np.mean(np.exp(k * around - np.abs(k)))


def i1e(k):
    return np.mean(around * np.exp(k * around - np.abs(k)))


def likelihood(p):
    mean, k = p
    return len(angles) * (np.log(2 * np.pi * i0e(k)) + k) - np.sum(k * np.cos(angles - mean))


def slope(p, factor=1.0):
    mean, k = p
    spread = np.sum(1 - np.cos(angles - mean)) - len(angles) * (1 - i1e(k) / i0e(k))
    return np.array([-np.sum(k * np.sin(angles - mean)), factor * spread])


CASES = [
    *(right(f"von Mises at {k:g}", likelihood, np.array([0.4, k]), grad=slope) for k in (0.1, 2.0, 50.0, 700.0)),
    right(
        "the concentration alone",
        lambda k: float(np.log(i0e(k[0])) + k[0]),
        np.array([2.0]),
        grad=lambda k: np.array([i1e(k[0]) / i0e(k[0])]),
    ),
    wrong("0.1 % off", likelihood, np.array([0.4, 2.0]), grad=lambda p: slope(p, 1.001), named=("p[1]",)),
]
