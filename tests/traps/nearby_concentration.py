"""Is a concentration, which is positive, accused where its sign is flipped?

The scaled Bessel functions of a von Mises density have a kink at 0, of which nobody who writes its likelihood thinks:
one number or two of a sign are parameters. What is wrong at the given point, or on that side of 0, stays wrong.
"""

import numpy as np
from scipy.special import i0e, i1e

from traps import normal, right, wrong

angles = 0.5 + 0.6 * normal(40)


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
        "the concentration alone", lambda k: np.log(i0e(k[0])) + k[0], np.array([2.0]), grad=lambda k: i1e(k) / i0e(k)
    ),
    wrong("0.1 % off", likelihood, np.array([0.4, 2.0]), grad=lambda p: slope(p, 1.001), named=("p[1]",)),
]
