"""A factor in some entries.

Only some entries have the factor; the report names them.
"""

import numpy as np
from gradcheck import check_gradients

W = np.random.default_rng(0).standard_normal((4, 3))


# --8<--
def f(W):
    return np.sum(np.sin(W))


def gradient(W):
    g = np.cos(W)
    g[1] *= 2  # wrong
    return g


report = check_gradients(f, W, grad=gradient)
