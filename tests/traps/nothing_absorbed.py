"""Is a claim accused because the function lost its number beside a 1?

log(1 + x^2) is zero for every x below 1e-8, where the sum is rounded to 1; its derivative, 2 x, is not. A function that
is zero and does not move in any direction says nothing of slopes so small. One that moves in another direction, or a
claim that would move it by more, is another matter.
"""

import numpy as np

from traps import neither, normal, right, times, wrong

X = 1e-9 * normal(4)


def log_of_sum(x):
    return float(np.log(1 + x @ x))


def slope(x):
    return 2 * x / (1 + x @ x)


def determinant(x):
    return float(np.linalg.slogdet(np.eye(4) + np.outer(x, x))[1])


def units(a, b):
    return float(1e-21 * np.sum(np.sin(a)) + 0 * b.sum())


def slopes(a, b):
    return 1e-21 * np.cos(a), 1e-23 * np.ones_like(b)


CASES = [
    neither("the logarithm of 1 + x^2", log_of_sum, X, grad=slope, verdict="UNDECIDED"),
    neither("a determinant near 1", determinant, X, grad=slope, verdict="UNDECIDED"),
    right("the same with larger numbers", log_of_sum, 1e5 * X, grad=slope),
    wrong("the same, twice", log_of_sum, 1e5 * X, grad=times(2, slope)),
    wrong("a claim that would show", log_of_sum, X, grad=lambda x: 1.0 + 0 * x),
    wrong("small units, one unused", units, normal(3), normal(2), grad=slopes, named=("b[0]", "b[1]")),
]
