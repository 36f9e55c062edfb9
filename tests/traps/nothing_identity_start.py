"""Is a point at which two different formulas agree left for another?

At x = 1 the slopes of x^2, x^3 / 1.5 and 2 x log x + 2 are all 2; at W = I a transpose is not seen; at zero biases a
sign is not.
"""

import numpy as np

from traps import normal, right, wrong

ones, X = np.ones(3), normal(5, 3)
C = normal(5, 3, seed=1)


def f(W):
    return np.sum(C * np.tanh(X @ W @ W))


def df(W, first=None):
    d = C * (1 - np.tanh(X @ W @ W) ** 2)
    return X.T @ d @ (W if first else W.T) + (X @ W).T @ d


CASES = [
    right("2 x at 1", lambda x: np.sum(x**2), ones, grad=lambda x: 2 * x),
    wrong("2 x^2 at 1", lambda x: np.sum(x**2), ones, grad=lambda x: 2 * x**2),
    right("W twice, at the identity", f, np.eye(3), grad=df),
    wrong("W twice, at the identity, not transposed", f, np.eye(3), grad=lambda W: df(W, first=True)),
]
