"""Does the second use of a weight add to the first?

y = tanh(tanh(x W) W): the backward meets W twice, and must add. Assigning, dW = ... in place of dW += ..., leaves only
the use that it meets last.
"""

import numpy as np

from traps import normal, right, wrong

X, W, c = normal(6, 3), normal(3, 3, seed=1), normal(6, 3, seed=2)


def f(W):
    return np.sum(c * np.tanh(np.tanh(X @ W) @ W))


def uses(W):
    h = np.tanh(X @ W)
    d2 = c * (1 - np.tanh(h @ W) ** 2)
    d1 = d2 @ W.T * (1 - h**2)
    return X.T @ d1, h.T @ d2


CASES = [
    right("added", f, W, grad=lambda W: sum(uses(W))),
    wrong("the first use only", f, W, grad=lambda W: uses(W)[0]),
    wrong("the second use only", f, W, grad=lambda W: uses(W)[1]),
    wrong("the second use twice", f, W, grad=lambda W: 2 * uses(W)[1]),
]
