"""Zero in part.

A loop that ends too early, a slice that is too short, a mask by mistake.
"""

import numpy as np
from gradcheck import check_gradients

x = np.random.default_rng(0).standard_normal(8)


# --8<--
def f(x):
    return np.sum(np.sin(x))


def gradient(x):
    g = np.zeros_like(x)
    end = len(x) - 1  # wrong
    end = len(x)  # right
    for k in range(end):
        g[k] = np.cos(x[k])
    return g


report = check_gradients(f, x, grad=gradient)
