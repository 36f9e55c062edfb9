"""A mean that does not belong.

The gradient is summed or averaged over an axis, and broadcast back, so the shape fits.
"""

import numpy as np
from gradcheck import check_gradients

x = np.random.default_rng(0).standard_normal((5, 3))


# --8<--
def f(x):
    return np.sum(np.sin(x))


def gradient(x):
    return np.cos(x).mean(axis=0, keepdims=True) + np.zeros_like(x)  # wrong
    return np.cos(x)  # right


report = check_gradients(f, x, grad=gradient)
