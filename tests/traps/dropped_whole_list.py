"""Is a list of whole numbers alone a point? SciPy takes `x0=[1, 2]` as an array of floats.

The function may do with it what an array can do, and integers are not moved by a little.
"""

import numpy as np

from traps import right, times, wrong

A = np.array([[2.0, 1.0], [1.0, 3.0]])


def f(x):
    return x @ A @ x


def df(x):
    return 2 * A @ x


CASES = [
    right("a list", f, [1, 2], grad=df),
    right("a tuple", f, (1, 2), grad=df),
    right(
        "rows", lambda x: np.sum(x @ x), [[1, 2], [3, 4]], grad=lambda x: np.ones((2, 2)) @ x.T + x.T @ np.ones((2, 2))
    ),
    right("a number", lambda x: x**3, 2, grad=lambda x: 3 * x**2),
    wrong("a list, 1 % off", f, [1, 2], grad=times(1.01, df), named=("x[0]", "x[1]")),
    wrong("a number, 1 % off", lambda x: x**3, 2, grad=lambda x: 3.03 * x**2, named=("x",)),
]
