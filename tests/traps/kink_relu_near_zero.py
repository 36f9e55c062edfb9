"""Is ReLU at 3e-7 the line it is, for anyone who steps short enough?

A step of 1e-6 crosses the kink: two thirds of the slope from one side. The entry beside it is 1, so that a step for the
whole tensor crosses too. With a threshold of 1e-6 in the backward, a right forward has a wrong gradient here.
"""

import numpy as np

from traps import right, wrong

above, below = np.array([3e-7, 1.0]), np.array([-3e-7, 1.0])


def f(x):
    return np.sum(np.maximum(x, 0))


CASES = [
    right("above", f, above, grad=lambda x: (x > 0) * 1.0),
    right("below", f, below, grad=lambda x: (x > 0) * 1.0, verdict="CORRECT or UNTESTED"),
    wrong("above, cut off at 1e-6", f, above, grad=lambda x: (x > 1e-6) * 1.0, named=("x[0]",)),
    wrong("below, let through", f, below, grad=lambda x: (x > -1e-6) * 1.0, named=("x[0]",)),
]
