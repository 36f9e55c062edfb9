"""Is it said that dead units were not tested?

Every pre-activation is below -90: all gradients are zero, right or wrong. At points nearby too.
"""

import numpy as np

from traps import normal, right, wrong

X, W = normal(8, 3), normal(3, 4, seed=1)


def f(W):
    return np.sum(np.maximum(X @ W - 100, 0))


CASES = [
    right("all dead", f, W, grad=lambda W: X.T @ ((X @ W - 100) > 0) * 1.0, verdict="UNTESTED"),
    wrong("all dead, claimed alive", f, W, grad=lambda W: X.T @ np.ones((8, 4))),
]
