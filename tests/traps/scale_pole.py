"""Is a steep slope beside a pole right?

1 / x at x = 1e-6 is 1e6, its slope -1e12, its next derivative 2e18: a step of 1e-6 lands on the pole itself.
"""

import numpy as np

from traps import right, times, wrong

x = np.array([1e-6, -3e-6, 2.0])


def f(x):
    return np.sum(1 / x)


def df(x):
    return -1 / x**2


CASES = [
    right("-1 / x^2", f, x, grad=df),
    wrong("1 % too large", f, x, grad=times(1.01, df)),
    wrong("wrong sign of one", f, x, grad=lambda x: df(x) * np.array([1, -1, 1]), named=("x[1]",)),
]
