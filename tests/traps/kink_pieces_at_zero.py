"""Is a layer of the largest of several pieces, all of which are zero, judged by what the rule of each unit makes of it?

At an input of zeros the pieces of a maxout unit, or of a pool, tie. A framework gives the slope to one of them, or the
same to each; the whole has mostly no such gradient nearby, nor between the slopes of its sides.
"""

import numpy as np

from traps import neither, normal, wrong

W, v, zero = normal(16, 3, seed=1), normal(4, seed=201), np.zeros(3)
A, B, w = normal(16, 3, seed=0), normal(16, 3, seed=100), normal(16, seed=300)


def maxout(x):
    return v @ np.max((W @ x).reshape(4, 4), axis=1)


def given_to(pieces, nearby=1.0):
    def gradient(x):
        y = (W @ x).reshape(4, 4)
        largest = y == y.max(axis=1, keepdims=True)
        at_zero = np.all(y == 0)
        return W.T @ np.ravel(v[:, np.newaxis] * (pieces if at_zero else nearby * largest))

    return gradient


def larger(x):
    return w @ np.maximum(A @ x, B @ x)


def of_larger(share, nearby=1.0):
    def gradient(x):
        a, b = A @ x, B @ x
        first = np.heaviside(a - b, share) * (1.0 if np.all(a == b) else nearby)
        return A.T @ (w * first) + B.T @ (w * (1 - first))

    return gradient


CASES = [
    wrong("to each in full", maxout, zero, grad=given_to(np.ones(4))),
    wrong("twice to the first", maxout, zero, grad=given_to(np.array([2, 0, 0, 0]))),
    wrong("to the first, wrong nearby", maxout, zero, grad=given_to(np.array([1, 0, 0, 0]), nearby=1.01)),
    wrong("of two arrays, wrong nearby", larger, zero, grad=of_larger(1.0, nearby=1.01)),
    neither("to the first", maxout, zero, grad=given_to(np.array([1, 0, 0, 0]))),
    neither("to the last", maxout, zero, grad=given_to(np.array([0, 0, 0, 1]))),
    neither("in equal parts", maxout, zero, grad=given_to(np.full(4, 1 / 4))),
    neither("to the first of two arrays", larger, zero, grad=of_larger(1.0)),
    neither("to the second of two arrays", larger, zero, grad=of_larger(0.0)),
]
