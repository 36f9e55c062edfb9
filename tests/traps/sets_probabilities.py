"""Is a gradient on probabilities taken for that of any numbers?

A mean over weights that sum to one need not be divided by their sum, and neither need its gradient. Rows of a matrix of
transitions keep their sums nearby, and so do its columns.
"""

import numpy as np

from traps import normal, right, wrong

P = np.exp(normal(3, 4))
P /= P.sum(1, keepdims=True)
C, p, w = normal(3, 4, seed=1), P[0], normal(2)


def mean(p):
    return C[0] @ p / p.sum()


def means(P):
    return np.sum(np.sum(C * P, 1) / P.sum(1))


def dmeans(P):
    return C - np.sum(C * P, 1, keepdims=True)


def entropy(p):
    return -np.sum(p / p.sum() * np.log(p / p.sum()))


CASES = [
    right("a mean", mean, p, grad=lambda p: C[0] - C[0] @ p),
    right("a mean of two", lambda p: w @ p / p.sum(), np.array([0.25, 0.75]), grad=lambda p: w - w @ p),
    right("means by rows", means, P, grad=dmeans),
    right("means by columns", lambda P: means(P.T), P.T.copy(), grad=lambda P: dmeans(P.T).T),
    right("an entropy", entropy, p, grad=lambda p: -(np.log(p) - np.sum(p * np.log(p)))),
    wrong("a mean, not subtracted", mean, p, grad=lambda p: C[0] + 0 * p),
    wrong("a mean, off by what a share has moved", mean, p, grad=lambda q: C[0] - C[0] @ q + q[0] - p[0]),
    wrong("an entropy, that of equal ones", entropy, np.full(4, 0.25), grad=lambda p: -(np.log(p) + np.log(4))),
    wrong("numbers that sum to two", mean, 2 * p, grad=lambda p: C[0] - C[0] @ p),
]
