"""Is a slope infinite that grows by the same from rung to rung, and no faster?

x log x at 0, continued by 0: the slopes are log h, which has come no further than -32 where steps end. Beside it
x log(x + 1e-20) has the slope -46, which no step shows: neither right nor wrong is known of that.
"""

import numpy as np

from traps import neither, right, wrong

p, q = np.array([0.0, 0.5, 0.5]), np.array([0.2, 0.0, 0.8])


def f(p):
    return -np.sum(p * np.log(p + (p == 0)))  # nan for less than zero


def df(p):
    return -np.log(p) - 1


def divergence(p):
    return -f(p) - np.sum(p * np.log([0.3, 0.3, 0.4]))


def smoothed(eps):
    return lambda p: np.sum(p * np.log(p + eps)), lambda p: np.log(p + eps) + p / (p + eps)


near, dnear = smoothed(1e-6)
far, dfar = smoothed(1e-20)

CASES = [
    right("the entropy", f, p, grad=df),
    right("of what is certain", f, np.array([0.0, 1.0, 0.0]), grad=df),
    right("a divergence", divergence, q, grad=lambda p: np.log(p) + 1 - np.log([0.3, 0.3, 0.4])),
    right("and a thousand", lambda p: f(p) + 1e3 * np.sum(p), p, grad=lambda p: df(p) + 1e3),
    right("on either side", lambda x: np.sum(x * np.log(np.abs(x) + (x == 0))), p, grad=lambda x: np.log(x) + 1),
    right("smoothed where it can be seen", near, p, grad=dnear),
    right(
        "the square of x, times log x", lambda p: -f(p * p), p, grad=lambda p: np.where(p > 0, -2 * p * df(p * p), 0)
    ),
    wrong("clamped at 1e-12", f, p, grad=lambda p: df(np.maximum(p, 1e-12)), named=("p[0]",)),
    wrong("zero", f, p, grad=lambda p: np.where(p > 0, df(np.where(p > 0, p, 1)), 0), named=("p[0]",)),
    wrong("the other sign", f, p, grad=lambda p: np.where(p > 0, df(p), -np.inf), named=("p[0]",)),
    wrong("infinite where it is smoothed", near, p, grad=lambda p: np.log(p) + 1, named=("p[0]",)),
    wrong("one of the others", f, p, grad=lambda p: df(p) * [1, 1, 1.0001], named=("p[2]",)),
    neither("on the other side zero", lambda p: f(np.maximum(p, 0)), p, grad=df),
    neither("smoothed where no step comes", far, p, grad=dfar, verdict="UNDECIDED"),
]
