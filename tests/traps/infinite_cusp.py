"""Is a cusp told from an infinite slope, and from the jitter of a solver?

The slopes of sqrt |x| at 0 are minus infinity on the left and infinity on the right; any number lies between them, and
there is no derivative. Where one side alone is infinite, its other end still binds a claim.
"""

import numpy as np

from traps import neither, right, wrong

x = np.array([0.0, 1.0, 2.0])


def f(x):
    return np.sum(np.sqrt(np.abs(x)))


def half(x):
    return np.sum(np.sqrt(np.maximum(x, 0)))


def at_zero(claim):
    return lambda x: np.where(x == 0, claim, 0.5 / np.sqrt(np.where(x == 0, 1.0, x)))


CASES = [
    neither("zero", f, x, grad=at_zero(0.0)),
    neither("alone", f, x[:1], grad=at_zero(0.0)),
    neither("a number", f, x, grad=at_zero(3.0)),
    neither("the norm of a power below one", lambda x: f(x) ** 2, x, grad=lambda x: f(x) * 2 * at_zero(0.0)(x)),
    neither("|x| log |x|", lambda x: np.sum(np.abs(x) * np.log(np.abs(x) + (x == 0))), x,
            grad=lambda x: np.log(x + (x == 0)) + (x != 0)),
    neither("half of it, zero", half, x, grad=at_zero(0.0)),
    right("its square", lambda x: np.sum(np.sqrt(np.abs(x)) ** 4), x, grad=lambda x: 2 * x),
    wrong("nan", f, x, grad=at_zero(np.nan), named=("x[0]",)),
    wrong("half of it, less than zero", half, x, grad=at_zero(-1.0), named=("x[0]",)),
    wrong("another entry", f, x, grad=lambda x: at_zero(0.0)(x) * [1, 1, 1.001], named=("x[2]",)),
]  # fmt: skip
