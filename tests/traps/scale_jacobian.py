"""Is a Jacobian known well enough where its outputs are large beside what moves them?

An offset of a million is rounded to 1e-10, so that the usual steps leave five digits: larger ones have to be taken. And
a function of tiny numbers has tiny steps.
"""

import numpy as np

from traps import normal, right, times, wrong

X = normal(4)


def offset(x):
    return 1e6 + np.sin(x)


def d_offset(x):
    return np.diag(np.cos(x))


def tiny(x):
    return 1e-12 * np.sin(1e5 * x)


def d_tiny(x):
    return np.diag(1e-7 * np.cos(1e5 * x))


CASES = [
    right("an offset", offset, X, jac=d_offset),
    wrong("an offset, and an error of a few parts in ten thousand", offset, X, jac=times(1.0003, d_offset)),
    right("tiny numbers", tiny, X / 1e5, jac=d_tiny),
    wrong("tiny numbers, doubled", tiny, X / 1e5, jac=times(2, d_tiny)),
]
