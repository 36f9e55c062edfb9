"""Is a kink inside the ladder of steps told from a wrong slope, in float32?

Rounding in float32 asks for steps of 1e-2, and entries of that size have their kink within them.
"""

import numpy as np

from traps import normal, right, wrong

x = (0.01 * normal(200)).astype(np.float32)


def f(x):
    return np.sum(np.maximum(x, 0))


def df(x):
    return (x > 0).astype(x.dtype)


CASES = [
    right("ReLU as it is", f, x, grad=df, precision="as-is", verdict="CORRECT or KINK or UNDECIDED"),
    right("ReLU in double", f, x, grad=df),
    wrong("its complement", f, x, grad=lambda x: (x < 0).astype(x.dtype)),
]
