"""Is any number from -1 to 1 a legal slope of |x| at 0?

The sign function claims 0; a claim of 1.5 is as wrong as it is anywhere else.
"""

import numpy as np

from traps import neither, wrong

x = np.array([0.0, 1.0])


def f(x):
    return np.sum(np.abs(x))


def df(at_zero):
    return lambda x: np.where(x == 0, at_zero, np.sign(x))


CASES = [
    *(neither(f"{c:g}", f, x, grad=df(c)) for c in (0, 0.3, -1)),
    wrong("1.5", f, x, grad=df(1.5), named=("x[0]",)),
    wrong("half the sign elsewhere", f, x, grad=lambda x: 0.5 * np.sign(x), named=("x[1]",)),
]
