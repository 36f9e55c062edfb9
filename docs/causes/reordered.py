"""In another order.

A wrong index, or a reshape that reads the axes in another order.
"""

import numpy as np
from gradcheck import check_gradients

W = np.random.default_rng(0).standard_normal((5, 3))
order = np.array([3, 0, 4, 1, 2])


# --8<--
def f(W):
    return np.sum(np.sin(W[order]) * np.arange(5)[:, np.newaxis])


def gradient(W):
    d = np.cos(W[order]) * np.arange(5)[:, np.newaxis]
    return d  # wrong
    return d[np.argsort(order)]  # right


report = check_gradients(f, W, grad=gradient)
