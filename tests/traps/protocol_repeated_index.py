"""Is a row that is looked up twice given both gradients?

y = E[i]: the gradient of a row of E is the sum over all places where it was looked up. `g[i] += dy` adds once for each
distinct index, since NumPy buffers the left side; `np.add.at` adds them all.
"""

import numpy as np

from traps import normal, right, wrong

E, i, c = normal(5, 3), np.array([0, 2, 2, 4, 2]), normal(5, 3, seed=1)


def f(E):
    return np.sum(c * np.sin(E[i]))


def added(E):
    g = np.zeros_like(E)
    np.add.at(g, i, c * np.cos(E[i]))
    return g


rows = np.array([3, 77, 77, 4000])


def lookup(E):
    return np.sum(np.sin(E[rows]))


def dlookup(E):
    g = np.zeros_like(E)
    np.add.at(g, rows, np.cos(E[rows]))
    return g


def buffered(E):
    g = np.zeros_like(E)
    g[i] += c * np.cos(E[i])
    return g


large = normal(5000, 4)

CASES = [
    right("all added", f, E, grad=added),
    wrong("the last one kept", f, E, grad=buffered, named=("E[2,0]", "E[2,1]", "E[2,2]")),
    right("4 of 5,000 rows", lookup, large, grad=dlookup),
    wrong("4 of 5,000 rows, one off", lookup, large, grad=lambda E: np.roll(dlookup(E), 1, axis=0)),
]
