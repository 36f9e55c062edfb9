"""Is exp(50 x) measured although every higher derivative is fifty times the last?

The curvature error of a central difference is (50 h)^2 / 6 of the slope: 4 % at h = 1e-2. At x = 1 the slope is 3e23.
"""

import numpy as np

from traps import right, times, wrong

x = np.array([1.0, 0.1, -0.5])


def f(x):
    return np.sum(np.exp(50 * x))


def df(x):
    return 50 * np.exp(50 * x)


def product(x):
    return np.exp(50 * np.sum(x))


CASES = [
    right("of a sum", product, x, grad=lambda x: np.full(x.shape, 50 * product(x))),
    wrong("of a sum, 1 % off", product, x, grad=lambda x: np.full(x.shape, 50.5 * product(x))),
    right("of one entry", f, x[:1], grad=df),
    wrong("of one entry, 1 % off", f, x[:1], grad=times(1.01, df)),
    right("of three entries of which two drown", f, x, grad=df, verdict="CORRECT or UNDECIDED"),
]
