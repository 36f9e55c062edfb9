"""One example missing.

A loop begins at 1, or an example counts twice.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
X, y, W = rng.standard_normal((6, 4)), rng.standard_normal((6, 3)), rng.standard_normal((4, 3))


# --8<--
def loss(W, X, y):
    return np.sum((X @ W - y) ** 2)


def gradient(W, X, y):
    d = 2 * (X @ W - y)
    return X[1:].T @ d[1:]  # wrong
    return X.T @ d  # right


report = check_gradients(loss, W, X, y, grad=gradient)
