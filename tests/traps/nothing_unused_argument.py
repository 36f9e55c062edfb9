"""Is an argument that f does not use claimed to matter?

Its slope is zero exactly. Zero is right and was not tested; anything else is wrong.
"""

import numpy as np

from traps import normal, right, wrong

x, y = normal(3), normal(2, seed=1)


def f(x, y):
    return np.sum(np.sin(x))


CASES = [
    right("zero", f, x, y, grad=lambda x, y: (np.cos(x), 0 * y), verdict="CORRECT or UNTESTED"),
    wrong("its own value", f, x, y, grad=lambda x, y: (np.cos(x), y), named=("y[0]", "y[1]")),
]
