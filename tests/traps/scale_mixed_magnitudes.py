"""Does every entry of one tensor get the step it needs, from 1e-12 to 1e12?

log x has the slope 1 / x, so that x times its slope is 1 everywhere: a step relative to the entry is right for all,
one for the whole tensor for none.
"""

import numpy as np

from traps import right, wrong

x = 10.0 ** np.arange(-12, 13, 3)
unit = 10.0 ** np.array([-5, 5, 2, 5, -8, -5, 8, -5, -6, 3, -1, 4, 4, -8, 5, -3, 6, 4])
constants = unit * np.random.default_rng(7).uniform(0.3, 3, 18)


def f(x):
    return np.sum(np.log(x))


def one_off(k):
    return lambda x: (1 + 0.01 * (np.arange(x.size) == k)) / x


def waves(x):
    return np.sum(np.sin(x / unit)) + 0.3 * np.sum((x / unit) ** 2)


def slopes(x):
    return (np.cos(x / unit) + 0.6 * x / unit) / unit


def slopes_but(k):
    return lambda x: slopes(x) * (1 + 0.01 * (np.arange(x.size) == k))


CASES = [
    right("1 / x", f, x, grad=lambda x: 1 / x),
    wrong("1 % in the smallest", f, x, grad=one_off(0), named=("x[0]",)),
    wrong("1 % in the middle", f, x, grad=one_off(4), named=("x[4]",)),
    wrong("1 % in the largest", f, x, grad=one_off(8), named=("x[8]",)),
    right("constants in units of their own", waves, constants, grad=slopes),
    wrong("1 % in the smallest of them", waves, constants, grad=slopes_but(4), named=("x[4]",)),
]
