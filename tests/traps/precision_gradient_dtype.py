"""Is a gradient in a narrower dtype than the point's judged by its own rounding?

A float32 gradient of a float64 point is right to 6e-8, no better. That is its dtype, not its formula; an error beyond
it is the formula's.
"""

import numpy as np

from traps import normal, right, times, wrong

x = normal(5)


def f(x):
    return np.sum(np.sin(x))


def narrow(x):
    return np.cos(x).astype(np.float32)


CASES = [
    right("float32", f, x, grad=narrow),
    wrong("float32, 1e-4 off", f, x, grad=times(np.float32(1.0001), narrow)),
    right("integers", np.sum, x, grad=lambda x: np.ones(x.shape, int)),
    wrong("integers that were cut off", f, x, grad=lambda x: np.cos(x).astype(int)),
]
