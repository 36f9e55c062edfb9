"""Is a gradient wrong that has another shape, although it would fit by broadcasting?

The sum over the batch forgotten, a row for a vector: arithmetic lets it pass, and an update of the weights too.
"""

import numpy as np

from traps import normal, right, wrong

X, b = normal(5, 3), normal(3, seed=1)


def f(b):
    return np.sum(np.tanh(X + b))


def unsummed(b):
    return 1 - np.tanh(X + b) ** 2


CASES = [
    right("summed over the batch", f, b, grad=lambda b: unsummed(b).sum(0)),
    wrong("the sum forgotten", f, b, grad=unsummed),
    wrong("a row for a vector", f, b, grad=lambda b: unsummed(b).sum(0, keepdims=True)),
    wrong("a column for a vector", f, b, grad=lambda b: unsummed(b).sum(0)[:, None]),
    wrong("one number for a vector", f, b, grad=lambda b: unsummed(b).sum()),
    wrong("for a pullback", lambda b: np.tanh(X + b), b, vjp=lambda b, u: unsummed(b) * u),
]
