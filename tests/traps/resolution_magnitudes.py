"""Is an entry excused by the rounding of others no further than that rounding moves f?

A backward in single precision is off by a part in ten million of each claim: of one of 1e9, for an entry of 1e-9, by a
hundred. Beside it a claim of 1e-6, for an entry of 1e6 that moves f as much, may be off by as much less.
"""

import numpy as np

from traps import normal, right, wrong

UNIT = 10.0 ** np.array([-9, 6, -9, 0, -9, 2, -9])
POINTS = [UNIT * (1 + np.abs(normal(7, seed=n)) / 2) for n in range(3)]


def f(x):
    return np.sum(np.sin(x / UNIT))


def df(x):
    return np.cos((x / UNIT).astype(np.float32)).astype(np.float64) / UNIT


def pull(x, dy):
    return dy * df(x)


def but(k, by):
    return lambda x: df(x) * np.where(np.arange(7) == k, by, 1)


CASES = [
    *(right(f"a sum of waves ({n})", f, x, grad=df) for n, x in enumerate(POINTS)),
    right("waves", lambda x: np.sin(x / UNIT), POINTS[0], vjp=pull),
    *(wrong(f"the other sign ({n})", f, x, grad=but(1, -1), named=("x[1]",)) for n, x in enumerate(POINTS)),
    *(wrong(f"1 % ({n})", f, x, grad=but(1, 1.01), named=("x[1]",)) for n, x in enumerate(POINTS)),
    wrong("zero", f, POINTS[0], grad=but(1, 0), named=("x[1]",)),
    wrong("1 % in another", f, POINTS[0], grad=but(3, 1.01), named=("x[3]",)),
    wrong("1 % in a small one", f, POINTS[0], grad=but(0, 1.01), named=("x[0]",)),
]
