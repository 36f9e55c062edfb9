"""Weight decay forgotten.

What is missing, or too much, is proportional to the weight itself, or to its sign.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
X, y, w = rng.standard_normal((20, 6)), rng.standard_normal(20), rng.standard_normal(6)


# --8<--
def cost(w, X, y):
    return np.mean((X @ w - y) ** 2) + 0.05 * w @ w


def gradient(w, X, y):
    g = 2 * X.T @ (X @ w - y) / len(y)
    return g  # wrong
    return g + 0.1 * w  # right


report = check_gradients(cost, w, X, y, grad=gradient)
