"""Is one part in a hundred thousand found under an offset that takes eleven digits?

A million beside a loss of a thousandth leaves five digits of it. A ladder of steps knows the slopes to three parts in
1e5 then; a polynomial through many values averages the rounding away, and knows them to one part in a million.
"""

import numpy as np

from traps import normal, right, wrong

x = normal(40)


def f(x):
    return 1e6 + 1e-3 * float(np.sum(np.sin(x)))


def df(x):
    return 1e-3 * np.cos(x)


def off(x):
    gradient = df(x)
    gradient[3] *= 1 + 1e-5
    return gradient


CASES = [
    wrong("1e-5 off in one entry", f, x, grad=off, named=("x[3]",)),
    right("right", f, x, grad=df),
]
