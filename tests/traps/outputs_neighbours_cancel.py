"""Is every entry tested where a gradient is a difference of neighbouring cotangents?

Of a first difference entry k claims u[k-1] - u[k]: drawn from a grid, two neighbours are equal now and then, and such
an entry moves nothing. With all digits random none is lost.
"""

import numpy as np

from traps import normal, right, wrong

x = normal(2000)


def difference(x):
    return np.diff(x)


def back(x, u):
    g = np.zeros_like(x)
    g[1:] += u
    g[:-1] -= u
    return g


def spoilt(x, u):
    g = back(x, u)
    g[777] *= 1.001
    return g


CASES = [
    right("a first difference", difference, x, vjp=back),
    wrong("0.1 % off in one entry", difference, x, vjp=spoilt, named=("x[777]",)),
]
