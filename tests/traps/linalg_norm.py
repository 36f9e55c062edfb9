"""Is a norm differentiated, and left alone where it is zero?

x / |x| is nan at 0, where every vector of length up to 1 is a subgradient; entry by entry any number in [-1, 1].
"""

import numpy as np

from traps import neither, normal, right, wrong

x, zero = normal(3), np.zeros(3)


def norm(x):
    return np.linalg.norm(x)


def unit(x):
    return x / np.linalg.norm(x)


CASES = [
    right("x / |x|", norm, x, grad=unit),
    wrong("x", norm, x, grad=lambda x: x),
    right("near zero", norm, 1e-9 * x, grad=unit),
    neither("at 0, zero", norm, zero, grad=lambda x: unit(x) if x.any() else 0 * x),
    wrong("at 0, nothing", norm, zero, grad=np.zeros_like),
    wrong("at 0, too steep", norm, zero, grad=lambda x: np.array([2.0, 0, 0]), named=("x[0]",)),
    wrong("at 0, nan", norm, zero, grad=unit),
    right("squared, at 0", lambda x: norm(x) ** 2, zero, grad=lambda x: 2 * x, verdict="CORRECT or UNTESTED"),
]
