"""Is the gradient on symmetric matrices taken for that of all matrices?

inv(S) is the gradient of log det S there; of other matrices its transpose is. A covariance stays one nearby, a
correlation keeps its ones, and what is wrong among them is wrong. A root of a positive definite matrix has no
derivative that is symmetric where it is weighted by any matrix, and none that is claimed where it is not positive.
"""

import numpy as np

from traps import normal, right, times, wrong

B, r = normal(4, 4), normal(4, seed=1)
S = B @ B.T + np.eye(4)
d = np.sqrt(np.diag(S))
inv = np.linalg.inv


def nll(S):
    return 0.5 * (np.linalg.slogdet(S)[1] + r @ np.linalg.solve(S, r))


def dnll(S, first=inv):
    return 0.5 * (first(S) - np.outer(inv(S) @ r, inv(S) @ r))


def cubes(S):
    return np.trace(S @ S @ S)


def root(S):
    values, vectors = np.linalg.eig(S)
    return np.sum(B * np.real(vectors * np.sqrt(values + 0j) @ np.linalg.inv(vectors)))


def droot(S):  # R.T G + G R.T = B for the root R
    values, vectors = np.linalg.eig(S)
    R, one = np.real(vectors * np.sqrt(values + 0j) @ np.linalg.inv(vectors)), np.eye(4)
    return np.linalg.solve(np.kron(one, R.T) + np.kron(R, one), B.ravel(order="F")).reshape(4, 4, order="F")


CASES = [
    *(right(f"a root ({k})", root, S + k * np.diag(d), grad=droot) for k in range(4)),
    wrong("a root, 1 % off", root, S, grad=times(1.01, droot)),
    wrong("a root, transposed", root, S, grad=lambda S: droot(S).T),
    right("a log-likelihood", nll, S, grad=dnll),
    right("a log-likelihood, at the identity", nll, np.eye(4), grad=dnll),
    right("log det of a correlation", lambda S: np.linalg.slogdet(S)[1], S / np.outer(d, d), grad=inv),
    right("log det of several", lambda S: np.sum(np.linalg.slogdet(S)[1]), np.stack([S, 2 * S]), grad=inv),
    right("cubes, of positive and negative eigenvalues", cubes, B + B.T, grad=lambda S: 3 * S @ S),
    right("a skew matrix", lambda H: np.trace(H @ H), B - B.T, grad=lambda H: -2 * H),
    wrong("at the identity, an inverse forgotten", nll, np.eye(4), grad=lambda S: dnll(S, np.asarray)),
    wrong("cubes, at a diagonal, as if it stayed one", cubes, np.diag(d), grad=lambda S: 3 * np.diag(np.diag(S) ** 2)),
    wrong("the square forgotten, at the identity", cubes, np.eye(4), grad=lambda S: 3 * S),
]
