"""Is infinity minus infinity no zero?

exp(1000) is inf: the difference is nan, and a claim of zero must not profit from it. Close to the edge, a step to the
right overflows and one to the left does not.
"""

import numpy as np

from traps import neither, right, wrong

x, edge = np.ones(2), np.full(2, 709.0)


def f(x):
    return np.sum(np.exp(1000 * x))


def mean(x):
    return np.mean(np.exp(x))


CASES = [
    neither("a claim of zero", f, x, grad=np.zeros_like, verdict="BROKEN"),
    neither("a claim of inf", f, x, grad=lambda x: 1000 * np.exp(1000 * x), verdict="BROKEN"),
    right("just below", mean, edge, grad=lambda x: np.exp(x) / x.size),
    wrong("just below, the mean forgotten", mean, edge, grad=np.exp),
]
