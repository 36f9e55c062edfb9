"""Is a small slope seen on top of a large constant?

f = 1e6 + 1e-2 sum sin x: the constant eats eight of sixteen digits, the factor two more. With a step of 1e-6 the
difference of two values is 1e-8, a hundred times the last digit of f: an error of 1 % from rounding alone. A longer
step knows better.
"""

import numpy as np

from traps import normal, right, times, wrong

x = normal(5)


def f(x):
    return 1e6 + 1e-2 * np.sum(np.sin(x))


def df(x):
    return 1e-2 * np.cos(x)


CASES = [
    right("the cosine", f, x, grad=df),
    wrong("1 % too large", f, x, grad=times(1.01, df)),
]
