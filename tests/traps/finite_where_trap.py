"""Is the nan of the branch that was not taken found in the gradient?

where(x > 0, sqrt x, 0) is 0 at 0 and below, but a backward that multiplies the slope of the square root, inf, by the
mask, 0, gets nan. In the function itself nothing is wrong.
"""

import numpy as np

from traps import right, wrong

x = np.array([-1.0, 4.0, -0.5, 9.0])


def f(x):
    return np.sum(np.where(x > 0, np.sqrt(np.maximum(x, 0)), 0))


def careful(x):
    return np.where(x > 0, 0.5 / np.sqrt(np.where(x > 0, x, 1)), 0)


def careless(x):
    with np.errstate(divide="ignore", invalid="ignore"):
        return (x > 0) * (0.5 / np.sqrt(x))


CASES = [
    right("masked before", f, x, grad=careful),
    wrong("masked after", f, x, grad=careless, named=("x[0]", "x[2]")),
]
