"""The gradient of another tensor is missing.

A tensor acts in two ways, and one of the two gradients, which equals that of another tensor, is not added.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
a, b = rng.standard_normal((2, 8))


# --8<--
def f(a, b):
    return np.sum(np.sin(a - b) + np.cos(a))


def gradient(a, b):
    return -np.sin(a), -np.cos(a - b)  # wrong
    return np.cos(a - b) - np.sin(a), -np.cos(a - b)  # right


report = check_gradients(f, a, b, grad=gradient)
