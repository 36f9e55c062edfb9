"""Is an infinite slope one, and known from a steep one?

sqrt at 0 has a right side alone, whose slopes grow as the root of the step falls; the cube root has both. A claim of
that infinity is right; zero, a number that a clamp or `nan_to_num` left, the other sign and nan are not.
"""

import numpy as np

from traps import right, times, wrong

x, both = np.array([0.0, 1.0, 2.0]), np.array([0.0, 8.0, -1.0])


def f(x):
    return np.sum(np.sqrt(x))


def df(x):
    return 0.5 / np.sqrt(x)


def at_zero(claim, gradient=df):
    return lambda x: np.where(x == 0, claim, gradient(np.where(x == 0, 1.0, x)))


def cbrt(x):
    return np.sum(np.cbrt(x))


def dcbrt(x):
    return 1 / (3 * np.cbrt(x) ** 2)


CASES = [
    right("sqrt", f, x, grad=df),
    right("sqrt, alone", f, x[:1], grad=df),
    right("-sqrt, thrice", lambda x: -f(x), x[[0, 0, 0, 1]], grad=lambda x: -df(x)),
    right("the power 0.9", lambda x: np.sum(x**0.9), x, grad=lambda x: 0.9 * x**-0.1),
    right("a ten-thousandth of a root", lambda x: np.sum(x + 1e-4 * np.sqrt(x)), x, grad=lambda x: 1 + 1e-4 * df(x)),
    right("both sides", cbrt, both, grad=dcbrt),
    right("float32", f, x.astype(np.float32), grad=df, precision="as-is"),
    wrong("zero", f, x, grad=at_zero(0.0), named=("x[0]",)),
    wrong("a clamp at 1e-12", f, x, grad=lambda x: df(np.maximum(x, 1e-12)), named=("x[0]",)),
    wrong("a clamp at 1e-20", f, x, grad=lambda x: df(np.maximum(x, 1e-20)), named=("x[0]",)),
    wrong("the largest number", f, x, grad=lambda x: np.nan_to_num(df(x)), named=("x[0]",)),
    wrong("the other sign", f, x, grad=times(-1, df), named=("x[0]", "x[1]", "x[2]")),
    wrong("minus infinity", f, x, grad=at_zero(-np.inf), named=("x[0]",)),
    wrong("nan", f, x, grad=at_zero(np.nan), named=("x[0]",)),
    wrong("zero, both sides", cbrt, both, grad=at_zero(0.0, dcbrt), named=("x[0]",)),
    wrong("infinite where it is 1e6", f, np.array([2.5e-13, 1.0]), grad=lambda x: df(x) / (x > 0.5), named=("x[0]",)),
    wrong("infinite where it is 0", lambda x: np.sum(x**1.5), x, grad=at_zero(np.inf, lambda x: 1.5 * x**0.5)),
]
