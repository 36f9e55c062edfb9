"""Is a layer of ReLUs passed of which some stand a hair beside their kink?

y = sum v max(x W + b, 0): each weight moves one unit of several examples, and the kinks of these lie at all distances
from the point. A long step crosses some of them.
"""

import numpy as np

from traps import normal, right, wrong

X, v = normal(40, 6), normal(5, seed=3)
p = {"W": normal(6, 5, seed=1), "b": 1e-5 * normal(5, seed=2)}


def f(p):
    return np.mean(np.maximum(X @ p["W"] + p["b"], 0) @ v)


def df(p, leak=0.0):
    z = X @ p["W"] + p["b"]
    dz = np.where(z > 0, 1, leak) * v / len(X)
    return {"W": X.T @ dz, "b": dz.sum(0)}


CASES = [
    right("its gradient", f, p, grad=df),
    wrong("of a leaky one", f, p, grad=lambda p: df(p, 0.01)),
    wrong("bias averaged twice", f, p, grad=lambda p: {**df(p), "b": df(p)["b"] / len(X)}),
]
