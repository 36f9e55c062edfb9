"""Is nothing called right along directions that tell nothing?

Each entry has a jump a ten-thousandth above it. Of a direction through all of them one side is as good as lost, and
what directions leave unknown is more than any claim: a gradient of the other sign agrees with that.
"""

import numpy as np

from traps import normal, right, wrong

x = 1 + np.abs(normal(5))
W = np.array([1.3, -0.7, 0.9, 1.1, -1.2])
MANY = 1 + np.abs(normal(200))


def f(at):
    return lambda x: np.sum(W[0] * (np.sin(x) + 5 * (x > at + 1e-4)))


def df(x):
    return W[0] * np.cos(x)


def but(by):
    return lambda x: df(x) * np.where(np.arange(x.size) == 2, by, 1)


CASES = [
    right("jumps above all entries", f(x), x, grad=df, entries="directions"),
    wrong("the other sign", f(x), x, grad=but(-1), entries="directions", named=("x[2]",)),
    wrong("1 %", f(x), x, grad=but(1.01), entries="directions", named=("x[2]",)),
    wrong("zero", f(x), x, grad=but(0), entries="directions", named=("x[2]",)),
    right("jumps above many", f(MANY), MANY, grad=df, entries="directions", verdict="CORRECT or UNDECIDED"),
    wrong("the other sign, of many", f(MANY), MANY, grad=but(-1), entries="directions", verdict="WRONG or UNDECIDED"),
]
