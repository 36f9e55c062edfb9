"""Clipped, or without its sign or size.

Clipping belongs to the optimiser: it changes the gradient.
"""

import numpy as np
from gradcheck import check_gradients

x = np.random.default_rng(0).standard_normal(8)


# --8<--
def f(x):
    return np.sum(x**3)


def gradient(x):
    return np.clip(3 * x**2, -1, 1)  # wrong
    return 3 * x**2  # right


report = check_gradients(f, x, grad=gradient)
