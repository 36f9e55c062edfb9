"""Is a gradient of a huge loss judged by its own size?

f = 1e8 sum sin x is known to 1e-8 only, since its last digit is worth that much. A right gradient is then off by far
more than any absolute tolerance, without being off at all.
"""

import numpy as np

from traps import normal, right, times, wrong

x = normal(5)


def f(x):
    return 1e8 * np.sum(np.sin(x))


def df(x):
    return 1e8 * np.cos(x)


CASES = [
    right("the cosine", f, x, grad=df),
    wrong("1 % too large", f, x, grad=times(1.01, df)),
    right(
        "1e200 of it",
        lambda x: 1e200 * f(x),
        x,
        grad=times(1e200, df),
    ),
]
