"""Single precision on the way.

Somewhere the gradient passes through float32, although the function computes in float64. Errors of that size are called
wrong where `rtol` asks for more than the usual 1e-6, or where they grow in sums that cancel.
"""

import numpy as np
from gradcheck import check_gradients

x = np.random.default_rng(0).standard_normal(8)


# --8<--
def f(x):
    return np.sum(np.sin(x))


def gradient(x):
    return np.cos(x).astype(np.float32).astype(float)  # wrong
    return np.cos(x)  # right


report = check_gradients(f, x, grad=gradient, rtol=1e-9)
