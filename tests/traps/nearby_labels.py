"""Are labels of floats, which are only compared with a number, left where they are?

Binary cross-entropy chooses a branch for each label. Its gradient s - t holds for labels of 0 and 1: at a label of 1.07
the function is still that of 1, the claim is not. At a label that is compared with itself the function jumps. Zero is
claimed for labels, which are no weights: those of another kind move the function.
"""

import numpy as np

from traps import normal, right, wrong

x, labels = normal(5), np.array([1.0, 0, 1, 0, 0])


def s(x):
    return 1 / (1 + np.exp(-x))


def chosen(x, t):
    return np.sum(np.where(t == 1, np.logaddexp(0, -x), np.logaddexp(0, x)))


def halved(x, t):
    return np.sum(np.where(t > 0.5, np.logaddexp(0, -x), np.logaddexp(0, x)))


def weighted(x, t):
    return np.sum(np.logaddexp(0, x) - t * x)


def df(x, t):
    return s(x) - t, np.zeros_like(t)


CASES = [
    right("compared with one", chosen, x, labels, grad=df),
    right("compared with a half", halved, x, labels, grad=df, verdict="CORRECT or UNTESTED"),
    right("as weights", weighted, x, labels, grad=lambda x, t: (s(x) - t, -x)),
    wrong("the labels forgotten", chosen, x, labels, grad=lambda x, t: (s(x), 0 * t), named=("x[0]", "x[2]")),
    wrong("as weights, and zero claimed", weighted, x, labels, grad=df, named=tuple(f"t[{n}]" for n in range(5))),
]
