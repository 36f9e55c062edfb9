"""A forgotten mean: the gradient of a bias is a sum over the batch where the loss is a mean.

The loss still falls, since the direction is right; only the step of this bias is 32 times too long. The report finds
the factor, and where such a number comes from: it is the size of the batch.
"""

import numpy as np

from gradcheck import check_gradients

rng = np.random.default_rng(0)
X, y = rng.standard_normal((32, 4)), rng.standard_normal(32)
params = {"W": rng.standard_normal((4, 3)), "b": np.zeros(3), "v": rng.standard_normal(3)}


def loss(p):
    return np.mean((np.tanh(X @ p["W"] + p["b"]) @ p["v"] - y) ** 2)


def grads(p):
    h = np.tanh(X @ p["W"] + p["b"])
    d = 2 * (h @ p["v"] - y) / len(y)
    dz = np.outer(d, p["v"]) * (1 - h**2)
    return {"W": X.T @ dz, "b": dz.sum(axis=0) * len(y), "v": h.T @ d}


report = check_gradients(loss, params, grad=grads)
