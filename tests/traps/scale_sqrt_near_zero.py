"""Is a slope beside an infinite one measured within its own reach?

sqrt x at x = 1e-12 has the slope 5e5, and at 0, a step of 1e-12 away, an infinite one.
"""

import numpy as np

from traps import right, times, wrong

x = np.array([1e-12, 1e-4, 4.0])


def f(x):
    return np.sum(np.sqrt(x))


def df(x):
    return 0.5 / np.sqrt(x)


CASES = [
    right("1 / 2 sqrt x", f, x, grad=df),
    wrong("1 % too large", f, x, grad=times(1.01, df)),
    wrong("the 2 forgotten", f, x, grad=times(2, df)),
]
