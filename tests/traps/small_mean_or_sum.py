"""Is the mean over the right axis taken?

A loss that averages over the batch and sums over the outputs has the gradient 2 (y - t) / N; averaging over all,
2 (y - t) / (N D). If N = D, mixing up the axes cannot be seen in the shape.
"""

import numpy as np

from traps import normal, right, wrong

y, t = normal(4, 4), normal(4, 4, seed=1)


def f(y):
    return np.mean(np.sum((y - t) ** 2, axis=1))


def softmax(y, axis):
    e = np.exp(y - y.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def weighted(y):
    return np.sum(t * softmax(y, 1))


def back(axis):
    def df(y):
        s = softmax(y, 1)
        return s * (t - (t * s).sum(axis, keepdims=True))

    return df


CASES = [
    right("summed over outputs", f, y, grad=lambda y: 2 * (y - t) / 4),
    wrong("averaged over all", f, y, grad=lambda y: 2 * (y - t) / 16),
    wrong("summed over all", f, y, grad=lambda y: 2 * (y - t)),
    right("softmax over outputs", weighted, y, grad=back(1)),
    wrong("softmax backward over the batch", weighted, y, grad=back(0)),
]
