"""Passed on unchanged.

The backward returns its cotangent, or its cotangent times the output: the derivative is missing.
"""

import numpy as np
from gradcheck import check_gradients

x = np.random.default_rng(0).standard_normal((4, 3))


# --8<--
def cube(x):
    return x**3 + x


def backward(x, dy):
    return dy  # wrong
    return dy * (3 * x**2 + 1)  # right


report = check_gradients(cube, x, vjp=backward)
