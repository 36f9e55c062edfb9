"""Is a gradient on triangular matrices, or at knots that rise, taken for that of all matrices and numbers?

A triangular solver does not look at the other triangle, and an interpolation has no sense at knots out of order: nearby
there are zeros above a diagonal, and the knots rise.
"""

import numpy as np

from traps import normal, right, wrong

B, C, D = normal(4, 4), normal(4, 3), normal(4, 3, seed=1)
L = np.linalg.cholesky(B @ B.T + np.eye(4))
knots, table, at = np.array([0, 0.7, 1.5, 2.1, 3]), np.array([1.0, -1, 2, 0.5, 1]), np.array([0.3, 1, 1.8, 2.6])
w, rising = normal(6), np.linspace(-1, 2, 6)


def solved(L):
    return np.sum(C * np.linalg.solve(np.tril(L), D))


def dsolved(L):
    return np.tril(-np.linalg.solve(L.T, C) @ np.linalg.solve(L, D).T)


def table_of(knots):
    return np.sum(np.interp(at, knots, table))


def dtable_of(knots):
    g, i = np.zeros_like(knots), np.searchsorted(knots, at) - 1
    h = knots[i + 1] - knots[i]
    s, t = (table[i + 1] - table[i]) / h, (at - knots[i]) / h
    np.add.at(g, i, -s * (1 - t))
    np.add.at(g, i + 1, -s * t)
    return g


def ordered(x):
    return np.sum(w * np.sort(x) ** 2)


CASES = [
    right("a solver", solved, L, grad=dsolved),
    right("a solver, of the upper one", lambda U: solved(U.T), L.T.copy(), grad=lambda U: dsolved(U.T).T),
    right("knots", table_of, knots, grad=dtable_of),
    wrong("a solver, the transpose forgotten", solved, L, grad=lambda L: np.tril(np.linalg.solve(L, C) @ D.T)),
    wrong("a solver, with what it solved at first", solved, L, grad=lambda X: np.tril(dsolved(L)) * X[0, 0] / L[0, 0]),
    wrong("knots, the sign", table_of, knots, grad=lambda x: -dtable_of(x)),
    wrong(
        "rising numbers that are sorted, as if they were in order", ordered, rising, grad=lambda x: 2 * w * np.sort(x)
    ),
]
