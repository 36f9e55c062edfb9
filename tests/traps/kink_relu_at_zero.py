"""Is any valid subgradient of ReLU at exactly 0 let pass, and no other?

The slopes on the two sides are 0 and 1. Frameworks claim 0, textbooks 0, 1/2 or 1, and all are legal; 1.01 is not, nor
is -0.01.
"""

import numpy as np

from traps import neither, wrong

x = np.array([0.0, 1.0])


def f(x):
    return np.sum(np.maximum(x, 0))


def df(at_zero):
    return lambda x: np.where(x > 0, 1.0, np.where(x == 0, at_zero, 0.0))


CASES = [
    *(neither(f"{c:g}", f, x, grad=df(c)) for c in (0, 0.5, 1)),
    *(wrong(f"{c:g}", f, x, grad=df(c), named=("x[0]",)) for c in (1.01, -0.01, 2)),
]
