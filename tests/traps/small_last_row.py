"""Is an off-by-one at the edge of an array seen?

A convolution whose backward drops the last column of the border, or a difference whose backward forgets the first
element: right nearly everywhere.
"""

import numpy as np

from traps import normal, right, wrong

x, kernel = normal(30), np.array([1.0, -2.0, 0.5])


def f(x):
    return np.sum(np.convolve(x, kernel, mode="valid") ** 2)


def df(x):
    return np.convolve(2 * np.convolve(x, kernel, mode="valid"), kernel[::-1], mode="full")


def dropped(x):
    g = df(x)
    g[-1] = 0
    return g


CASES = [
    right("the full correlation", f, x, grad=df),
    wrong("the last entry dropped", f, x, grad=dropped, named=("x[29]",)),
    wrong(
        "the kernel not reversed",
        f,
        x,
        grad=lambda x: np.convolve(2 * np.convolve(x, kernel, mode="valid"), kernel, mode="full"),
    ),
]
