"""Is a train of tall jumps taken for noise? Between two of them f is smooth, and its slope is what is asked for.

A remainder jumps by its divisor, and its jumps crowd where the divisor is small. No rounding, nor a solver, is so
coarse as the function is large.
"""

import numpy as np

from traps import normal, right, times, wrong

ONE_OFF = np.where(np.arange(8) == 3, 1.01, 1.0)


def drawn(seed):
    return np.random.default_rng(seed).uniform(0.3, 3, 8)


def rest(x):
    return float(np.sum(70 % x))


def rest_slope(x):
    return -np.floor(70 / x)


A, B = normal(6, 5), np.random.default_rng(1).uniform(0.05, 2, 5)


def rests(b):
    return np.fmod(9 * A, b)


def rests_pulled(b, u):
    return np.sum(-np.trunc(9 * A / b) * u, axis=0)


def phase(x):
    return float(np.sum(((40 * x + np.pi) % (2 * np.pi) - np.pi) ** 2))


def phase_slope(x):
    return 80 * ((40 * x + np.pi) % (2 * np.pi) - np.pi)


CASES = [
    right("the rest of 70 by x", rest, drawn(1), grad=rest_slope),
    right("phases wrapped", phase, drawn(0), grad=phase_slope),
    right("rests of many by few", rests, B, vjp=rests_pulled),
    wrong("the rest of 70 by x, one slope 1 % off", rest, drawn(1), grad=times(ONE_OFF, rest_slope), named=("x[3]",)),
    wrong("phases wrapped, one slope 1 % off", phase, drawn(0), grad=times(ONE_OFF, phase_slope), named=("x[3]",)),
    wrong("rests of many by few, 2 % off", rests, B, vjp=lambda b, u: 1.02 * rests_pulled(b, u)),
]
