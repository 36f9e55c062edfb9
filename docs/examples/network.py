"""A network of two layers, and its backward by hand."""

import numpy as np

rng = np.random.default_rng(0)
N = 32
X, y = rng.standard_normal((N, 4)), rng.standard_normal((N, 2))

params = {
    "W1": rng.standard_normal((4, 8)) / 2,
    "b1": np.zeros(8),
    "W2": rng.standard_normal((8, 2)) / 2,
    "b2": np.zeros(2),
}


def loss(p):
    h = np.tanh(X @ p["W1"] + p["b1"])
    return np.sum((h @ p["W2"] + p["b2"] - y) ** 2) / N


def grads(p):
    h = np.tanh(X @ p["W1"] + p["b1"])
    d = 2 * (h @ p["W2"] + p["b2"] - y)
    dh = d @ p["W2"].T * (1 - h**2)
    return {
        "W1": X.T @ dh / N,
        "b1": dh.sum(axis=0),
        "W2": h.T @ d / N,
        "b2": d.sum(axis=0) / N,
    }
