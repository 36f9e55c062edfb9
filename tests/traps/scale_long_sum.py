"""Is a sum of a hundred thousand entries differentiated without adding up their steps?

f = sin(sum x), n = 1e5: a direction that moves all entries at once moves the sine by many periods, and one entry alone
moves it by next to nothing.
"""

import numpy as np

from traps import normal, right, wrong

x = normal(100_000)


def f(x):
    return np.sin(np.sum(x))


def df(x):
    return np.full(x.shape, np.cos(np.sum(x)))


def one_off(x):
    g = df(x)
    g[777] *= 1.01
    return g


CASES = [
    right("the cosine of the sum", f, x, grad=df),
    wrong("1 % in one of 100,000", f, x, grad=one_off, named=("x[777]",)),
]
