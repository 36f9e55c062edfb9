"""A factor that equals a size.

A mean forgotten or taken twice, the 2 of a square, a sign: the number is compared with every size at hand.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
X, y, w = rng.standard_normal((20, 3)), rng.standard_normal(20), rng.standard_normal(3)


# --8<--
def cost(w):
    return np.mean((X @ w - y) ** 2)


def gradient(w):
    return 2 * X.T @ (X @ w - y)  # wrong
    return 2 * X.T @ (X @ w - y) / len(y)  # right


report = check_gradients(cost, w, grad=gradient)
