"""A wrong gradient, found."""

import numpy as np

from gradcheck import check_gradients

rng = np.random.default_rng(0)
X, y, w = rng.standard_normal((20, 3)), rng.standard_normal(20), rng.standard_normal(3)


def cost(w):
    return np.mean((X @ w - y) ** 2)


def gradient(w):
    return 2 * X.T @ (X @ w - y)


print(check_gradients(cost, w, grad=gradient))
