"""Is a network in float32, inside float64 arrays, judged by what its products can hold?

Matrix products in float32 accumulate rounding over the inner dimension; the loss is then good to some 1e-7.
"""

import numpy as np

from traps import normal, right, wrong

X, y = normal(64, 50).astype(np.float32), normal(64, 3, seed=1).astype(np.float32)
W = 0.1 * normal(50, 3, seed=2)


def f(W):
    return float(np.mean((X @ W.astype(np.float32) - y) ** 2))


def df(W):
    return 2 * X.T.astype(float) @ (X.astype(float) @ W - y) / y.size


def row_off(W):
    g = df(W)
    g[7] *= 3
    return g


CASES = [
    right("its gradient", f, W, grad=df, verdict="CORRECT or UNDECIDED"),
    wrong("twice too large", f, W, grad=lambda W: 2 * df(W)),
    wrong("one row three times too large", f, W, grad=row_off, named=("W[7,0]", "W[7,1]", "W[7,2]")),
]
