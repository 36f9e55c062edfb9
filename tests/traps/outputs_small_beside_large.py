"""Is a wrong derivative of a small output found beside a large one?

f = (1e8 sin x0, x0 x1): the cotangent gives both a weight of order one, so that an error of 1 % in the second is a part
in 1e10 of what is compared. At zero no size can be read off the values.
"""

import numpy as np

from traps import right, wrong

x = np.array([0.3, -1.2])


def f(x):
    return np.array([1e8 * np.sin(x[0]), x[0] * x[1]])


def vjp(first=1.0, second=1.0):
    return lambda x, u: np.array([u[0] * 1e8 * np.cos(x[0]) + first * u[1] * x[1], second * u[1] * x[0]])


def jvp(first=1.0):
    return lambda x, v: np.array([1e8 * np.cos(x[0]) * v[0], first * x[1] * v[0] + x[0] * v[1]])


def pair(x):
    return 1e7 * np.sin(x), np.cos(x[:1])


def pair_back(by):
    return lambda x, u: 1e7 * u[0] * np.cos(x) - by * np.append(u[1] * np.sin(x[:1]), 0)


gaps = np.array([0.3, np.nan, -1.2])


def skipping(x):
    return np.array([1e8 * np.nansum(np.sin(x)), np.nansum(x**2)])


def skipped(by=1.0):
    return lambda x, u: np.nan_to_num(1e8 * u[0] * np.cos(x) + by * u[1] * 2 * x)


CASES = [
    right("beside an input that is nan", skipping, gaps, vjp=skipped()),
    wrong("beside an input that is nan, the other sign", skipping, gaps, vjp=skipped(-1.0), named=("x[0]", "x[2]")),
    wrong("beside an input that is nan, 1 % off", skipping, gaps, vjp=skipped(1.01), named=("x[0]", "x[2]")),
    right("by its pullback", f, x, vjp=vjp()),
    right("by columns", f, x, jvp=jvp()),
    right("where both are zero", f, 0 * x, vjp=vjp()),
    wrong("1 % off", f, x, vjp=vjp(first=1.01), named=("x[0]",)),
    wrong("forgotten", f, x, vjp=vjp(first=0.0), named=("x[0]",)),
    wrong("1 % off, by columns", f, x, jvp=jvp(1.01), named=("x[0]",)),
    wrong("1 % off, by the other entry", f, x, vjp=vjp(second=1.01), named=("x[1]",)),
    right("a pair", pair, x, vjp=pair_back(1.0)),
    wrong("a pair, with the wrong sign", pair, x, vjp=pair_back(-1.0), named=("x[0]",)),
    right("without a cotangent to choose", lambda x: f(x)[0], x, grad=lambda x: np.array([1e8 * np.cos(x[0]), 0.0])),
]
