"""Is one wrong entry of 20,000 found, and named?

It changes the length of the gradient by one part in a thousand million, and a random projection by less than the
projection's own rounding tolerance.
"""

import numpy as np

from traps import normal, right, wrong

x = normal(20_000)


def f(x):
    return np.sum(x * x)


def spoilt(factor):
    def df(x):
        g = 2 * x
        g[12345] *= factor
        return g

    return df


CASES = [
    right("2 x", f, x, grad=lambda x: 2 * x),
    wrong("one of 20,000, by 1e-3", f, x, grad=spoilt(1.001), named=("x[12345]",)),
    wrong("one of 20,000, by 10 %", f, x, grad=spoilt(1.1), named=("x[12345]",)),
    wrong("one of 20,000, zero", f, x, grad=spoilt(0), named=("x[12345]",)),
]
