"""Is the step as large as the entry needs?

At x = 1.7e11 the next number is 3e-5 away: a step of 1e-6 does not move it, and the difference is 0 / 1e-6. A step in
proportion to the entry moves it, and is by far too large for its neighbours.
"""

import numpy as np

from traps import right, wrong

x = np.array([1.7e11, 1.2, -3.0])


def mixed(x):
    return np.sum(np.sin(x[1:])) + 1e-11 * x[0]


CASES = [
    right("a sum", np.sum, x, grad=np.ones_like),
    wrong("a sum, 1 % in one entry", np.sum, x, grad=lambda x: np.array([1.01, 1, 1]), named=("a[0]",)),
    right("beside a sine", mixed, x, grad=lambda x: np.array([1e-11, *np.cos(x[1:])]), verdict="CORRECT or UNDECIDED"),
    wrong("beside a sine, 1 %", mixed, x, grad=lambda x: np.array([1e-11, *(1.01 * np.cos(x[1:]))])),
]
