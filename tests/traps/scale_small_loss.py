"""Is a gradient of a tiny loss judged by its own size?

f = 1e-8 sum sin x has slopes of 1e-8. An absolute tolerance of 1e-5 or 1e-6, which most checkers add to the relative
one, swallows any claim of that size, even one ten times too large, zero, or of the wrong sign.
"""

import numpy as np

from traps import normal, right, times, wrong

x = normal(5)


def f(x):
    return 1e-8 * np.sum(np.sin(x))


def df(x):
    return 1e-8 * np.cos(x)


CASES = [
    right("the cosine", f, x, grad=df),
    wrong("ten times too large", f, x, grad=times(10, df)),
    wrong("the wrong sign", f, x, grad=times(-1, df)),
    wrong("zero", f, x, grad=times(0, df)),
    right("1e-30 of it", lambda x: 1e-30 * f(x), x, grad=times(1e-30, df)),
    wrong("1e-30 of it, 1 % too large", lambda x: 1e-30 * f(x), x, grad=times(1.01e-30, df)),
]
