"""Are eigenvalues differentiated where they have a derivative, and left alone where they cross?

d lambda_i = v_i v_i'. The largest eigenvalue of the identity has none: every unit vector is an eigenvector. A
slope of an eigenvector divides by the gaps, lambda_i - lambda_j, between eigenvalues.
"""

import numpy as np

from traps import neither, normal, right, wrong

B = normal(4, 4)
A, w = B + B.T, np.array([1.0, -2.0, 0.5, 3.0])
c = normal(4, seed=1)


def values(A):
    return np.linalg.eigvalsh((A + A.T) / 2) @ w


def largest(A):
    return np.linalg.eigvalsh((A + A.T) / 2)[-1]


def vector(A):
    return (np.linalg.eigh((A + A.T) / 2)[1][:, -1] @ c) ** 2


def dvalues(A):
    V = np.linalg.eigh((A + A.T) / 2)[1]
    return (V * w) @ V.T


def dvector(A, sign=1):
    values, V = np.linalg.eigh((A + A.T) / 2)
    v = V[:, -1]
    gaps = values[-1] - values[:-1]
    u = V[:, :-1] @ (V[:, :-1].T @ c / gaps)
    G = sign * 2 * (v @ c) * np.outer(u, v)
    return (G + G.T) / 2


CASES = [
    right("eigenvalues", values, A, grad=dvalues),
    wrong(
        "eigenvalues, V transposed",
        values,
        A,
        grad=lambda A: np.linalg.eigh(A)[1].T @ np.diag(w) @ np.linalg.eigh(A)[1],
    ),
    right("an eigenvector", vector, A, grad=dvector),
    wrong("an eigenvector, gaps the wrong way round", vector, A, grad=lambda A: dvector(A, -1)),
    neither("the largest of equal ones", largest, np.eye(3), grad=lambda A: np.diag([1.0, 0, 0])),
    wrong("the largest of equal ones, twice", largest, np.eye(3), grad=lambda A: np.diag([2.0, 0, 0])),
]
