"""Is x |x| at 0 differentiable, though its parts are not?

Its slope is 2 |x|, zero at 0 and continuous; only the second derivative jumps. A claim of 0.01 there is wrong.
"""

import numpy as np

from traps import right, wrong

x = np.array([0.0, 1.0])


def f(x):
    return np.sum(x * np.abs(x))


def oscillates(x):
    return np.sum(x**3 * np.sin(1 / np.where(x == 0, 1, x)))


def of_oscillating(x):
    y = 1 / np.where(x == 0, 1, x)
    return np.where(x == 0, 0, 3 * x**2 * np.sin(y) - x * np.cos(y))


CASES = [
    right("2 |x|", f, x, grad=lambda x: 2 * np.abs(x)),
    wrong("0.01 more", f, x, grad=lambda x: 2 * np.abs(x) + 0.01),
    wrong("0.01 more at 0", f, x, grad=lambda x: 2 * np.abs(x) + 0.01 * (x == 0), named=("x[0]",)),
    right(
        "x^3 sin(1 / x) at 0", oscillates, np.zeros(2), grad=of_oscillating, verdict="CORRECT or UNDECIDED or UNTESTED"
    ),
]
