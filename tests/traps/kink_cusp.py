"""Is a cusp, where both slopes are infinite, left alone?

sqrt |x| at 0 rises with slopes that grow without end on either side: there is no derivative, and no subgradient that
any claim could be held against.
"""

import numpy as np

from traps import neither, right, wrong


def f(x):
    return np.sum(np.sqrt(np.abs(x)))


def df(x):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(x == 0, 0.0, np.sign(x) / (2 * np.sqrt(np.abs(x))))


CASES = [
    neither("at 0", f, np.array([0.0, 1.0]), grad=df, verdict="KINK or BROKEN or UNDECIDED"),
    right("beside it", f, np.array([1e-5, 1.0]), grad=df),
    wrong("beside it, 1 %", f, np.array([1e-5, 1.0]), grad=lambda x: df(x) * [1.01, 1], named=("x[0]",)),
]
