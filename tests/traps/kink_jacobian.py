"""Are kinks of single outputs seen, where each column is measured with two evaluations?

The mean of both sides is one half for a ReLU at zero: a claim of one half agrees with it, and is legal; a claim of two
is outside of both slopes. Outputs beside it are smooth, and their entries are right or wrong by themselves.
"""

import numpy as np

from traps import neither, right, wrong

X = np.array([0.0, 1.0, -1.0])


def f(x):
    return np.array([max(x[0], 0.0), x[0] * x[1], abs(x[2]) * x[1]])


def jac(x, at_zero=0.0, smooth=1.0):
    slope = at_zero if x[0] == 0 else float(x[0] > 0)
    return np.array([[slope, 0, 0], [x[1], smooth * x[0], 0], [0, abs(x[2]), np.sign(x[2]) * x[1]]])


CASES = [
    neither("one side", f, X, jac=jac),
    neither("the mean of both", f, X, jac=lambda x: jac(x, 0.5)),
    wrong("outside of both", f, X, jac=lambda x: jac(x, 2.0), named=("J[0,0]",)),
    right("beside the kink", f, X + 0.5, jac=jac),
    wrong("an entry beside it", f, X + 0.5, jac=lambda x: jac(x, 0.0, 1.01), named=("J[1,1]",)),
]
