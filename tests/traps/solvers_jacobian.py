"""Is the right Jacobian of an iteration that stops early judged within what that leaves, row by row?

All entries share one stopping test, so that the number of steps hangs on the slowest: along another entry alone f is
as smooth as any, and its slope is that of the steps that were taken.
"""

import numpy as np

from traps import normal, right, wrong

W = np.array([1.3, -0.7, 0.9, 1.1, -1.2])


def solve(x, tolerance=1e-6):
    y, before = 0 * x, np.inf
    while np.max(np.abs(y - before)) > tolerance:
        y, before = 0.5 * np.cos(y) + x, y
    return y


def f(x):
    return W * solve(x)


def jac(x):
    return np.diag(W / (1 + 0.5 * np.sin(solve(x, 1e-15))))


def but(by):
    return lambda x: jac(x) * np.where(np.eye(5) * (np.arange(5) == 1), by, 1)


CASES = [
    *(right(f"a Jacobian ({n})", f, normal(5, seed=n), jac=jac) for n in (0, 1, 2)),
    *(wrong(f"1 % off in one entry ({n})", f, normal(5, seed=n), jac=but(1.01), named=("J[1,1]",)) for n in (0, 1, 2)),
    wrong("the other sign in one", f, normal(5, seed=1), jac=but(-1), named=("J[1,1]",)),
    wrong("zero in one", f, normal(5, seed=1), jac=but(0), named=("J[1,1]",)),
]
