"""Is a claim of 1e-9 about a constant refused?

Its slope is zero exactly, so that any other claim is wrong, however small; and a claim of zero was not put to any test.
"""

import numpy as np

from traps import normal, right, wrong

x = normal(5)


def f(x):
    return 3.25


CASES = [
    right("zero", f, x, grad=np.zeros_like, verdict="UNTESTED"),
    wrong("1e-9", f, x, grad=lambda x: np.full(x.shape, 1e-9)),
    wrong("1e-9 in one entry", f, x, grad=lambda x: 1e-9 * (np.arange(5) == 2), named=("x[2]",)),
]
