"""A matrix that is not transposed.

A square matrix fits either way round, and so does a reshape.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
x, W = rng.standard_normal((6, 3)), rng.standard_normal((3, 3))


# --8<--
def linear(x, W):
    return x @ W


def backward(x, W, dy):
    return dy @ W, x.T @ dy  # wrong
    return dy @ W.T, x.T @ dy  # right


report = check_gradients(linear, x, W, vjp=backward)
