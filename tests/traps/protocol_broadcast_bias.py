"""Is a gradient summed over the axes along which its array was broadcast?

b of shape (3,) is added to (4, 3): its gradient is the sum over the 4. Their mean, the first of them, or a keepdims
that was summed over the wrong axis of a square, have the right shape.
"""

import numpy as np

from traps import normal, right, wrong

X, b, column = normal(4, 4), normal(4, seed=1), normal(4, 1, seed=2)


def f(b):
    return np.sum(np.sin(X + b))


def d(b):
    return np.cos(X + b)


CASES = [
    right("summed over rows", f, b, grad=lambda b: d(b).sum(0)),
    wrong("summed over columns", f, b, grad=lambda b: d(b).sum(1)),
    wrong("averaged", f, b, grad=lambda b: d(b).mean(0)),
    wrong("the first row", f, b, grad=lambda b: d(b)[0]),
    right("a column", f, column, grad=lambda b: d(b).sum(1, keepdims=True)),
    wrong("a column, summed over rows", f, column, grad=lambda b: d(b).sum(0)[:, None]),
]
