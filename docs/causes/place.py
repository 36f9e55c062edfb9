"""Where, if not why.

No pattern fits, but the wrong entries lie in one row, column or block.
"""

import numpy as np
from gradcheck import check_gradients

W = np.random.default_rng(0).standard_normal((5, 4))


# --8<--
def f(W):
    return np.sum(np.sin(W))


def gradient(W):
    g = np.cos(W)
    g[2] += W[2] ** 2  # wrong
    return g


report = check_gradients(f, W, grad=gradient)
