"""Nothing was tested: where claim and slope are both zero, agreement means nothing.

These units are dead: what they are given is negative for every example, here and at the points nearby. The gradient of
their weights is zero, and so is the claim, although it forgets a factor of two. Agreeing on zero is not being right.
"""

import numpy as np

from gradcheck import check_gradients

rng = np.random.default_rng(0)
X = rng.standard_normal((8, 3))
params = {"W": rng.standard_normal((3, 4)), "b": np.full(4, -50.0)}


def loss(p):
    return np.sum(np.maximum(X @ p["W"] + p["b"], 0) ** 2)


def grads(p):
    dz = np.maximum(X @ p["W"] + p["b"], 0)
    return {"W": X.T @ dz, "b": dz.sum(axis=0)}


report = check_gradients(loss, params, grad=grads)
