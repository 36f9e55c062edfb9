"""Are two gradients that are one array judged by their values?

x + y sends the same gradient to both, and returning one array twice is right. What is wrong is to go on and change
one of them in place.
"""

import numpy as np

from traps import normal, right, wrong

x, y = normal(5), normal(5, seed=1)


def f(x, y):
    return np.sum(np.sin(x + y))


def same(x, y):
    g = np.cos(x + y)
    return g, g


def doubled(x, y):
    g = np.cos(x + y)
    h = g
    h *= 2
    return g, h


CASES = [
    right("one array twice", f, x, y, grad=same),
    right("a view of the other", f, x, y, grad=lambda x, y: (same(x, y)[0], same(x, y)[1][:])),
    wrong("changed through the view", f, x, y, grad=doubled),
]
