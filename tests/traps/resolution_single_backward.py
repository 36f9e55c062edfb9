"""Is a backward in single precision, in a network of double precision, right in its small entries too?

All its claims are off by a part in ten million of the large ones: of a small entry, where the derivative has a zero or
a sum nearly cancels, that is more than a part in a million. A small entry that is off by more is wrong as before.
"""

import numpy as np

from traps import normal, right, wrong

X, V = normal(12, 5, seed=50), normal(8, seed=51)


def f(x):
    return np.sum(np.sin(x)) / 3


def df(x):
    return np.cos(x.astype(np.float32)).astype(np.float64) / 3


def network(W):
    return np.sum(np.tanh(X @ W) @ V)


def back(W):
    h = np.tanh(X @ W)
    return X.T @ ((1 - h * h).astype(np.float32) * V.astype(np.float32)).astype(np.float64)


def one_off(W):
    g = back(W)
    g.flat[np.abs(g).argmin()] *= 1.01
    return g


def slightly(x):
    return np.cos(x) / 3 * np.where(np.arange(x.size) == 3, 1 + 1e-5, 1)


CASES = [
    *(right(f"a cosine ({n})", f, normal(20, seed=n), grad=df) for n in range(4)),
    *(right(f"a network ({n})", network, normal(5, 8, seed=n), grad=back) for n in (0, 4, 20)),
    wrong("a network, 1 % off in its smallest entry", network, normal(5, 8, seed=4), grad=one_off),
    wrong("in double precision, a part in 1e5 off in one entry", f, normal(20), grad=slightly, named=("x[3]",)),
]
