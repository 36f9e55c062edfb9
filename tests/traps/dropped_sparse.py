"""Is a sparse gradient read? `np.asarray` makes an object of it; its other entries are zeros, which are claimed too."""

import numpy as np

from traps import normal, right, wrong


class Sparse:
    """A sparse array, as those of SciPy are asked for their entries; a matrix has two axes whatever it stands for."""

    def __init__(self, entries, axes):
        self.shape = entries.shape if entries.ndim == axes else (1, *entries.shape)
        self.places, self.values = np.nonzero(entries.reshape(self.shape)), entries[entries != 0]

    def toarray(self):
        full = np.zeros(self.shape)
        full[self.places] = self.values
        return full


def matrix(entries):
    return Sparse(entries, 2)


x, A = normal(6), np.where(np.arange(36).reshape(6, 6) % 5 == 0, normal(6, 6), 0.0)


def f(x):
    return np.sum(x[::2] ** 2)


def df(x):
    return 2 * x * (np.arange(6) % 2 == 0)


CASES = [
    right("a matrix with one row", f, x, grad=lambda x: matrix(df(x))),
    right("an array", f, x, grad=lambda x: Sparse(df(x), 1)),
    right("of two axes", lambda W: np.sum(W @ A), normal(3, 6), grad=lambda W: matrix(np.ones((3, 6)) @ A.T)),
    wrong("an entry left out", f, x, grad=lambda x: matrix(df(x) * (np.arange(6) != 4)), named=("x[4]",)),
    wrong("an entry too many", f, x, grad=lambda x: matrix(df(x) + (np.arange(6) == 1)), named=("x[1]",)),
]
