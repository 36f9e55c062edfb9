"""Is a loss that averages a million examples precise enough, and is a forgotten mean seen?

The rounding of the sum grows with the number of examples, and the mistake of summing where the loss averages is a
factor of a million.
"""

import numpy as np

from traps import normal, right, wrong

z, noise = normal(200_000), normal(200_000, seed=1)
target = 2 * z - 1 + 0.1 * noise
w = np.array([1.5, -0.7])


def residual(w):
    return w[0] * z + w[1] - target


def f(w):
    return np.mean(np.tile(residual(w), 5) ** 2)


def df(w):
    r = residual(w)
    return np.array([2 * np.mean(r * z), 2 * np.mean(r)])


CASES = [
    right("averaged", f, w, grad=df),
    wrong("summed", f, w, grad=lambda w: df(w) * 1e6),
    wrong("averaged over one too few", f, w, grad=lambda w: df(w) * (1e6 / (1e6 - 10))),
]
