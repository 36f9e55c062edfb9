"""Is the derivative of a Cholesky factor that of the entries the function reads?

np.linalg.cholesky reads the lower triangle alone. The symmetrised gradient of the textbooks is that of
A -> chol((A + A') / 2); of chol(A) itself the upper triangle gets nothing, and the lower everything.
"""

import numpy as np

from traps import normal, right, wrong

B, C = normal(4, 4), np.tril(normal(4, 4, seed=1))
A = B @ B.T + 4 * np.eye(4)


def lower(A):
    return np.sum(C * np.linalg.cholesky(A))


def symmetric(A):
    return lower((A + A.T) / 2)


def symmetrised(A):
    L = np.linalg.cholesky((A + A.T) / 2)
    P = np.tril(L.T @ C)
    P[np.diag_indices(4)] /= 2
    S = np.linalg.solve(L.T, np.linalg.solve(L.T, P.T).T)
    return (S + S.T) / 2


def triangular(A):
    S = symmetrised(np.tril(A) + np.tril(A, -1).T)
    return np.tril(S) + np.tril(S, -1)


CASES = [
    right("symmetrised twice", symmetric, A, grad=symmetrised),
    right("of the lower triangle", lower, A, grad=triangular),
    wrong("symmetrised once", lower, A, grad=symmetrised),
    wrong("the diagonal not halved", symmetric, A, grad=lambda A: symmetrised(A) * (1 + np.eye(4))),
]
