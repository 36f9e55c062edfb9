"""Is an entry of a Jacobian compared with what moves its output as far, and not with a slope of another order?

By 1e-9 an output has a slope of 1e9, by 1e6 one of 1e-6: both move it by one. What of the first does not matter is all
that there is of the second.
"""

import numpy as np

from traps import normal, right, wrong

UNIT = np.array([1e-9, 1e6, 1.0, 0.5])
POINTS = [UNIT * (0.5 + np.abs(normal(4, seed=n))) for n in range(3)]


def f(x):
    return np.array([np.sin(x[0] * 1e9) * x[1] / 1e6, x[2] * x[3], 1e8 * x[2]])


def jac(x):
    wave, slope = np.sin(x[0] * 1e9), 1e9 * np.cos(x[0] * 1e9)
    return np.array([[slope * x[1] / 1e6, wave / 1e6, 0, 0], [0, 0, x[3], x[2]], [0, 0, 1e8, 0]])


def but(row, column, by):
    where = (np.arange(3)[:, None] == row) & (np.arange(4) == column)
    return lambda x: jac(x) * np.where(where, by, 1)


CASES = [
    *(right(f"two units ({n})", f, x, jac=jac) for n, x in enumerate(POINTS)),
    *(wrong(f"the small slope, 1 % ({n})", f, x, jac=but(0, 1, 1.01), named=("J[0,1]",)) for n, x in enumerate(POINTS)),
    *(wrong(f"the small slope, zero ({n})", f, x, jac=but(0, 1, 0), named=("J[0,1]",)) for n, x in enumerate(POINTS)),
    wrong("the small slope, the other sign", f, POINTS[0], jac=but(0, 1, -1), named=("J[0,1]",)),
    wrong("the large slope, 1 %", f, POINTS[0], jac=but(0, 0, 1.01), named=("J[0,0]",)),
    wrong("a plain one, 1 %", f, POINTS[0], jac=but(1, 3, 1.01), named=("J[1,3]",)),
]
