"""Projected, or not projected.

On a sphere the part of a gradient along the point is removed; elsewhere it belongs to the gradient.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
x, a = rng.standard_normal((2, 6))


# --8<--
def f(x):
    return np.sum(np.sin(x) * a)


def gradient(x):
    g = np.cos(x) * a
    return g - x * (g @ x) / (x @ x)  # wrong
    return g  # right


report = check_gradients(f, x, grad=gradient)
