"""Is the transpose in the derivative of a determinant there, and of its logarithm?

d det A = det(A) inv(A)', d log det A = inv(A)'. At a symmetric matrix, such as any covariance, nobody sees whether it
was transposed, and among those nobody need: that it is wrong of other matrices is a note.
"""

import numpy as np

from traps import normal, right, wrong

A = normal(4, 4) + 3 * np.eye(4)
S = A @ A.T


def logdet(A):
    return np.linalg.slogdet(A)[1]


CASES = [
    right("det", np.linalg.det, A, grad=lambda a: np.linalg.det(a) * np.linalg.inv(a).T),
    wrong("det, not transposed", np.linalg.det, A, grad=lambda a: np.linalg.det(a) * np.linalg.inv(a)),
    right("log det", logdet, A, grad=lambda A: np.linalg.inv(A).T),
    wrong("log det, not transposed", logdet, A, grad=np.linalg.inv),
    right("log det, not transposed, at a symmetric point", logdet, S, grad=np.linalg.inv),
]
