"""Is noise found on one of two paths, while the other is smooth?

f = sin(float32(x)) + x^2: within one step of the float32 grid the sine stands still and the square moves on, so that
very short steps measure the slope of the square alone, and measure it well. Long ones see both.
"""

import numpy as np

from traps import normal, right, wrong

x = normal(5)


def f(x):
    return float(np.sum(np.sin(x.astype(np.float32)).astype(float) + x**2))


CASES = [
    right("both", f, x, grad=lambda x: np.cos(x) + 2 * x),
    wrong("the square alone", f, x, grad=lambda x: 2 * x),
]
