"""Is one part in a million seen?

In float64 a central difference, extrapolated, is good to some 1e-11: an error of 1e-6 is far outside.
"""

import numpy as np

from traps import normal, right, times, wrong

x, table = normal(5), normal(3, 4)


def f(x):
    return np.sum(np.sin(x))


CASES = [
    wrong("every entry by 1e-6", f, x, grad=times(1 + 1e-6, np.cos)),
    right("1e-12", f, x, grad=times(1 + 1e-12, np.cos)),
    wrong(
        "one of twelve by 1e-3",
        f,
        table,
        named=("x[1,1]",),
        grad=lambda x: np.cos(x) * (1 + 1e-3 * (np.arange(12).reshape(3, 4) == 5)),
    ),
    wrong(
        "one of twelve by 1e-5",
        f,
        table,
        named=("x[2,3]",),
        grad=lambda x: np.cos(x) * (1 + 1e-5 * (np.arange(12).reshape(3, 4) == 11)),
    ),
]
