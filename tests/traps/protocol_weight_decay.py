"""Is a weight decay that is in the update but not in the loss seen?

A gradient with lambda w added is that of another loss. Where lambda is 1e-4 it is below many a tolerance.
"""

import numpy as np

from traps import normal, right, wrong

X, y, w = normal(20, 4), normal(20, seed=1), normal(4, seed=2)


def f(w):
    return np.mean((X @ w - y) ** 2)


def decayed(w):
    return f(w) + 5e-5 * w @ w


def df(w):
    return 2 * X.T @ (X @ w - y) / 20


CASES = [
    right("in neither", f, w, grad=df),
    right("in both", decayed, w, grad=lambda w: df(w) + 1e-4 * w),
    wrong("in the gradient alone", f, w, grad=lambda w: df(w) + 1e-4 * w),
    wrong("in the loss alone", decayed, w, grad=df),
]
