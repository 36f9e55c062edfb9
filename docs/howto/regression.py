"""A cost of weights and data, and its gradient with respect to the weights."""

import numpy as np

from gradcheck import check_gradients

rng = np.random.default_rng(0)
X, w = rng.standard_normal((50, 4)), rng.standard_normal(4)
y = (rng.random(50) < 0.5).astype(int)


def cost(w, X, y):
    z = X @ w
    return np.mean(np.logaddexp(0, z) - y * z) + 0.5 * w @ w


def score(w, X, y):
    return X.T @ (1 / (1 + np.exp(-X @ w)) - y) / len(y)  # the penalty is forgotten


report = check_gradients(cost, w, X, y, grad=score)
print(report.notes[0])
print(report.wrong[0].name, report.diagnosis[0])
