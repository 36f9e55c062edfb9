"""Are the others judged as sharply as ever where the slope of a few is infinite?

The noise of f is measured where its differences have no end; directions through all entries have no slope at all.
"""

import numpy as np

from traps import right, wrong

few, many = np.r_[0.0, np.linspace(1, 2, 30)], np.r_[np.linspace(1, 2, 20_000), 0.0]


def f(x):
    return np.sum(np.sqrt(x))


def df(x):
    return 0.5 / np.sqrt(x)


def off(k, by):
    return lambda x: df(x) * np.where(np.arange(x.size) == k, by, 1)


def zero(x):
    return np.where(x == 0, 0.0, df(np.where(x == 0, 1.0, x)))


def pull(x, u):
    return u * df(x)


CASES = [
    right("thirty", f, few, grad=df),
    right("twenty thousand", f, many, grad=df),
    right("of a vector", np.sqrt, few, vjp=pull),
    wrong("of a vector, one", np.sqrt, few, vjp=lambda x, u: off(7, 1.001)(x) * u, named=("x[7]",)),
    wrong("thirty, one of them", f, few, grad=off(7, 1.00002), named=("x[7]",)),
    wrong("twenty thousand, one of them", f, many, grad=off(777, 1.01), named=("x[777]",)),
    wrong("twenty thousand, zero", f, many, grad=zero, named=("x[20000]",)),
]
