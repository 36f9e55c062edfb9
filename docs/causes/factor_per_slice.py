"""A factor for each slice.

Each row or column has a factor of its own, such as a norm or a deviation that is left out.
"""

import numpy as np
from gradcheck import check_gradients

W = np.random.default_rng(0).standard_normal((4, 3))


# --8<--
def f(W):
    return np.sum(np.sin(W) * np.array([0.3, 1.7, 2.9]))


def gradient(W):
    return np.cos(W) * np.array([0.5, 1.1, 3.1])  # wrong
    return np.cos(W) * np.array([0.3, 1.7, 2.9])  # right


report = check_gradients(f, W, grad=gradient)
