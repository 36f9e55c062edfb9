"""Is a backward in float32 told from one in float64?

It is off by 3e-8: thousands of uncertainties, and less than what matters. It is correct, and the report says how far it
agrees; an error of a part in 1e5 on top is wrong all the same.
"""

import numpy as np

from traps import normal, right, wrong

a, W = normal(5, 4), normal(5, 4, seed=1)


def f(W):
    return np.sum(a * np.tanh(W))


def back(W, dtype):
    return (a.astype(dtype) * (1 - np.tanh(W.astype(dtype)) ** 2)).astype(np.float64)


CASES = [
    right("in float64", f, W, grad=lambda W: back(W, np.float64)),
    right("in float32", f, W, grad=lambda W: back(W, np.float32)),
    wrong("in float32, a part in 1e5 off", f, W, grad=lambda W: (1 + 1e-5) * back(W, np.float32)),
]
