"""Does the step stay inside the domain of the function?

log x at x = 1e-7: a step of 1e-6 to the left is outside, where the logarithm is nan; one of 1e-8 has a curvature error
of 1 %. The step must be a small part of the entry.
"""

import numpy as np

from traps import right, wrong

x = np.array([1e-7, 1.0, 2e-7, 3.0])


def f(x):
    return np.sum(np.log(x))


CASES = [
    right("1 / x", f, x, grad=lambda x: 1 / x),
    wrong("1 % too large", f, x, grad=lambda x: 1.01 / x),
    wrong("1 % in one entry", f, x, grad=lambda x: np.array([1.01, 1, 1, 1]) / x, named=("x[0]",)),
]
