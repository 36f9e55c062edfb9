"""Is a gradient on rotation matrices, poses or orthonormal frames taken for that of all matrices?

Whoever writes R.T for the inverse of R is right among rotations. Weights that begin orthogonal are matrices all the
same: a mistake that shows among orthogonal ones is found.
"""

import numpy as np

from traps import normal, right, wrong

R, C = np.linalg.qr(normal(3, 3))[0], normal(3, 3, seed=1)
many = np.stack([R, R.T, R @ R])
frame, H = np.linalg.qr(normal(5, 2))[0], normal(5, 5) + normal(5, 5).T
pose, D = np.eye(4), normal(4, 4, seed=2)
pose[:3, :3], pose[:3, 3] = R, [0.3, -1, 2]


def inverse(R):
    return np.sum(C * np.linalg.inv(R))


def dinverse(R):
    return -R @ C @ R


def back(T):
    there = np.eye(4)
    there[:3, :3], there[:3, 3] = T[:3, :3].T, -T[:3, :3].T @ T[:3, 3]
    return there


def moved(T):
    return np.sum(D * np.linalg.inv(T))


def spread(Q):
    return np.trace(np.linalg.inv(Q.T @ Q) @ Q.T @ H @ Q)


def f(W):
    return np.sum(C * np.tanh(W @ W))


def df(W, right=np.transpose):
    d = C * (1 - np.tanh(W @ W) ** 2)
    return d @ right(W) + W.T @ d


CASES = [
    right("an inverse", inverse, R, grad=dinverse),
    right("inverses", inverse, many, grad=dinverse),
    right("a pose", moved, pose, grad=lambda T: -back(T).T @ D @ back(T).T),
    right("a frame", spread, frame, grad=lambda Q: 2 * (H @ Q - Q @ (Q.T @ H @ Q))),
    right("weights", f, R, grad=df),
    wrong("an inverse, transposed", inverse, R, grad=lambda R: -R @ C.T @ R),
    wrong("a pose, its translation left where it is", moved, pose, grad=lambda T: -back(T).T @ D @ back(pose).T),
    wrong("weights, at the identity, not transposed", f, np.eye(3), grad=lambda W: df(W, np.asarray)),
]
