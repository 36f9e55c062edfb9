"""The weight of one example.

The gradient of a weight is a sum over the batch as well, of outer products.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
x, W, b = rng.standard_normal((6, 3)), rng.standard_normal((3, 2)), rng.standard_normal(2)


# --8<--
def dense(x, W, b):
    return x @ W + b


def backward(x, W, b, dy):
    return dy @ W.T, np.outer(x[-1], dy[-1]), dy.sum(axis=0)  # wrong
    return dy @ W.T, x.T @ dy, dy.sum(axis=0)  # right


report = check_gradients(dense, x, W, b, vjp=backward)
