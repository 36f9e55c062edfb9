"""Is the gradient of the mean network told from that of no network, beside a mask that each call draws?

Every entry alone spreads so much that twice its mean is within what masks make of it. In the direction of all that is
wrong they leave less.
"""

import numpy as np

from traps import normal, right, times, wrong

W, X = normal(30, 12) / 5, normal(20, 30, seed=1)
rng = np.random.default_rng(2)


def masked(W):
    return np.maximum(X @ W, 0) * (rng.random((20, 12)) < 0.8) / 0.8


def f(W):
    return np.sum(masked(W))


def of_mean(W):
    return X.T @ (X @ W > 0)


def of_mask(W):
    return X.T @ ((X @ W > 0) * (rng.random((20, 12)) < 0.8) / 0.8)


def spoilt(W):
    g = of_mean(W)
    g[3, 4] += 100.0
    return g


CASES = [
    right("of the mask", f, W, grad=of_mask),
    right("of the mean", f, W, grad=of_mean, verdict="UNDECIDED"),
    wrong("twice that of the mean", f, W, grad=times(2.0, of_mean)),
    wrong("of the mask, half", f, W, grad=times(0.5, of_mask)),
    wrong("of the mask, without its scale", f, W, grad=times(0.8, of_mask)),
    wrong("one entry beside the mean", f, W, grad=spoilt),
]
