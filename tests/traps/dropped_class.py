"""Is the function given what its user gives it: a matrix, an array with attributes?

`m * m` is a product of matrices for one and of entries for the other: as a plain array it is another function.
"""

import numpy as np

from traps import normal, right, wrong


class Matrix(np.ndarray):
    """An array whose product is that of matrices."""

    def __mul__(self, other):
        return self @ other


class Powered(np.ndarray):
    """An array that knows to which power it is to be taken."""

    def __array_finalize__(self, of):
        self.power = getattr(of, "power", 2.0)


def powered(x, power):
    made = np.abs(x).view(Powered)
    made.power = power
    return made


def squared(m):
    return np.sum(np.asarray(m * m))


def total(x):
    return float(np.sum(np.asarray(x) ** x.power))


def lengths(m):
    return float(m.anom().var(ddof=1))


def dsquared(m):
    ones = np.ones((2, 2))
    return ones @ m.T + m.T @ ones


M = normal(2, 2).view(Matrix)
MASKED = np.ma.masked_array(normal(4))

CASES = [
    right("a matrix", squared, M, grad=dsquared),
    right("an attribute", total, powered(normal(3), 3.0), grad=lambda x: x.power * np.asarray(x) ** (x.power - 1)),
    right("a mask that hides nothing", lengths, MASKED, grad=lambda m: 2 * m.anom() / (len(m) - 1)),
    right("a dict of them", lambda p: squared(p["m"]), {"m": M}, grad=lambda p: {"m": dsquared(p["m"])}),
    wrong("a matrix, entry by entry", squared, M, grad=lambda m: 2 * np.asarray(m)),
    wrong("an attribute that is lost", total, powered(normal(3), 3.0), grad=lambda x: 2 * np.asarray(x)),
    wrong("n for n - 1", lengths, MASKED, grad=lambda m: 2 * m.anom() / len(m)),
]
