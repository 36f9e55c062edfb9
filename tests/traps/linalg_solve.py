"""Is the adjoint system the transposed one?

f = c' x with A x = b: lambda solves A' lambda = c, df/db = lambda, df/dA = -lambda x'. Solving with A instead of A' is
the classic mistake of an adjoint solver, and invisible for a symmetric A.
"""

import numpy as np

from traps import normal, right, wrong

A, b, c = normal(5, 5) + 4 * np.eye(5), normal(5, seed=1), normal(5, seed=2)
S = A @ A.T


def f(A, b):
    return c @ np.linalg.solve(A, b)


def adjoint(A, b):
    x, lam = np.linalg.solve(A, b), np.linalg.solve(A.T, c)
    return -np.outer(lam, x), lam


def forward(A, b):
    x, lam = np.linalg.solve(A, b), np.linalg.solve(A, c)
    return -np.outer(lam, x), lam


CASES = [
    right("the adjoint", f, A, b, grad=adjoint),
    wrong("A not transposed", f, A, b, grad=forward),
    wrong("A not transposed, at a symmetric point", f, S, b, grad=forward),
    wrong("the outer product the wrong way round", f, A, b, grad=lambda A, b: (adjoint(A, b)[0].T, adjoint(A, b)[1])),
]
