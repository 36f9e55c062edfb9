"""The cost of one example.

The same mistake where the whole cost is checked and no cotangent is known: the gradient has rank one.
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
    for n in range(len(X)):
        g = np.outer(X[n], d[n])  # wrong
        g = np.outer(X[n], d[n]) + (g if n else 0)  # right
    return g


report = check_gradients(loss, W, X, y, grad=gradient)
