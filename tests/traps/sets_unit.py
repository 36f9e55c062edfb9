"""Is a gradient on unit vectors taken for that of vectors of any length?

Divided by its length, a vector has a gradient across itself, and one over its length besides, which nobody writes who
knows that it is one. Quaternions and directions stay of unit length nearby.
"""

import numpy as np

from traps import normal, right, wrong

q, A, C = normal(4), normal(4, 4), normal(5, 4, seed=1)
unit, rows = q / np.linalg.norm(q), normal(5, 4) / np.linalg.norm(normal(5, 4), axis=1, keepdims=True)
H = A + A.T
axis = np.array([1.0, 0, 0, 0])


def rayleigh(x):
    return x @ H @ x / (x @ x)


def drayleigh(x):
    return 2 * (H @ x - x * (x @ H @ x))


def rotated(q):
    w, x, y, z = q / np.linalg.norm(q)
    return np.array([1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)]) @ C[0, :3]


def drotated(q):
    w, x, y, z = q
    a, b, c = C[0, :3]
    g = np.array([2 * z * b - 2 * y * c, 2 * y * b + 2 * z * c, -4 * y * a + 2 * x * b - 2 * w * c, 0])
    g[3] = -4 * z * a + 2 * w * b + 2 * x * c
    return g - q * (q @ g)


def normalised(q):
    return np.sum(C * q / np.linalg.norm(q, axis=1, keepdims=True))


CASES = [
    right("a quotient of squares", rayleigh, unit, grad=drayleigh),
    right("a quotient of squares, on an axis", rayleigh, axis, grad=drayleigh),
    right("a vector turned by a quaternion", rotated, unit, grad=drotated),
    right("by the one that turns nothing", rotated, axis, grad=drotated),
    right("rows", normalised, rows, grad=lambda q: C - q * np.sum(q * C, 1, keepdims=True)),
    right("rows, to eight digits", normalised, rows.round(8), grad=lambda q: C - q * np.sum(q * C, 1, keepdims=True)),
    wrong("a quotient, not across", rayleigh, unit, grad=lambda x: 2 * H @ x),
    wrong("a constant of the given point", rayleigh, unit, grad=lambda x: 2 * (H @ x - x * (unit @ H @ unit))),
    wrong("not of unit length", rayleigh, q, grad=drayleigh),
]
