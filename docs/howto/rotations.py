"""A function of a rotation, and its gradient with respect to three numbers."""

import numpy as np

from gradcheck import check_gradients

B = np.arange(9.0).reshape(3, 3)


def hat(w):
    return np.array([[0, -w[2], w[1]], [w[2], 0, -w[0]], [-w[1], w[0], 0]])


def turn(R, w):  # Rodrigues' formula
    n = np.linalg.norm(w) or 1.0
    return R @ (np.eye(3) + np.sin(n) / n * hat(w) + (1 - np.cos(n)) / n**2 * hat(w) @ hat(w)) if w.any() else R


def gradient(R):
    G = R.T @ B
    return np.array([G[2, 1] - G[1, 2], G[0, 2] - G[2, 0], G[0, 1] - G[1, 0]])  # the sign of the last is wrong


report = check_gradients(
    lambda R: np.sum(B * R), turn(np.eye(3), np.ones(3)), grad=gradient, retract=turn, neighbours=0
)
print([entry.name for entry in report.wrong])
print(report.notes[0])
