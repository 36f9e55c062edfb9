"""Is a slope infinite at the edge of a domain that is no zero?

arccos, arcsin and arcosh at 1 end where no step is finer than the last digit of 1, and there is no other side.
"""

import numpy as np

from traps import right, wrong

x, above = np.array([1.0, 0.5, -1.0, 0.3]), np.array([1.0, 2.0, 3.0])


def f(x):
    return np.sum(np.arccos(x))


def df(x):
    return -1 / np.sqrt(1 - x * x)


def circle(x):
    return np.sum(np.sqrt(1 - x * x))


def dcircle(x):
    return -x / np.sqrt(1 - x * x)


CASES = [
    right("arccos", f, x, grad=df),
    right("arcsin", lambda x: np.sum(np.arcsin(x)), x, grad=lambda x: -df(x)),
    right("arcosh", lambda x: np.sum(np.arccosh(x)), above, grad=lambda x: 1 / np.sqrt(x * x - 1)),
    right("a circle", circle, x, grad=dcircle),
    right("an angle of two unit vectors", lambda u: np.arccos(u @ [0.0, 1.0]), np.array([0.6, 0.8]),
          grad=lambda u: df(u[1]) * np.array([0.0, 1.0])),
    right("just inside", f, np.array([1 - 1e-10, 0.5]), grad=df),
    wrong("just inside, 1 %", f, np.array([1 - 1e-10, 0.5]), grad=lambda x: df(x) * [1.01, 1], named=("x[0]",)),
    wrong("just inside, infinite", f, np.array([1 - 1e-10, 0.5]), grad=lambda x: df(x) / [0.0, 1], named=("x[0]",)),
    wrong("the sign", circle, x, grad=lambda x: -np.abs(dcircle(x)), named=("x[2]",)),
    wrong("clipped", f, x, grad=lambda x: df(np.clip(x, 1e-7 - 1, 1 - 1e-7)), named=("x[0]", "x[2]")),
    wrong("one inside", f, x, grad=lambda x: df(x) * [1, 1.001, 1, 1], named=("x[1]",)),
]  # fmt: skip
