"""Is an interpolated table differentiated by its own pieces?

Nearest neighbours are constant in pieces: slope 0 but at the jumps. Linear interpolation has the slope of the piece;
at a knot, those of two.
"""

import numpy as np

from traps import neither, right, wrong

knots, table = np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.0, 1.0, 4.0, 9.0])
between, at = np.array([0.5, 1.3, 2.9]), np.array([0.5, 2.0, 2.9])


def nearest(x):
    return np.sum(table[np.round(x).astype(int)])


def linear(x):
    return np.sum(np.interp(x, knots, table))


def pieces(x):
    return np.diff(table)[np.floor(x).astype(int)]


CASES = [
    right("linear", linear, between, grad=pieces),
    wrong("linear, as if it were the square it stands for", linear, between, grad=lambda x: 2 * x),
    neither("linear, at a knot", linear, at, grad=pieces),
    wrong(
        "linear, at a knot, outside of both slopes", linear, at, grad=lambda x: pieces(x) * [1, 1.1, 1], named=("x[1]",)
    ),
    right("nearest", nearest, np.array([0.2, 1.3, 2.9]), grad=np.zeros_like, verdict="CORRECT or UNTESTED"),
    wrong("nearest, the slope of the linear one", nearest, np.array([0.2, 1.3, 2.9]), grad=pieces),
]
