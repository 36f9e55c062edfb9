"""Zero throughout.

A gradient that was allocated and never filled, or that is cut off on the way.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
X, y = rng.standard_normal((6, 3)), rng.standard_normal((6, 2))
params = {"W": rng.standard_normal((3, 2)), "b": rng.standard_normal(2)}


# --8<--
def loss(p):
    return np.mean((X @ p["W"] + p["b"] - y) ** 2)


def gradient(p):
    d = 2 * (X @ p["W"] + p["b"] - y) / y.size
    return {"W": X.T @ d, "b": np.zeros(2)}  # wrong
    return {"W": X.T @ d, "b": d.sum(axis=0)}  # right


report = check_gradients(loss, params, grad=gradient)
