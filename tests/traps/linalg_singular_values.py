"""Is the derivative of singular values U V', not its transpose?

d sum of singular values = U V', d of the largest = u v'. For a symmetric positive matrix the two agree.
"""

import numpy as np

from traps import normal, right, wrong

A = normal(4, 4)


def nuclear(A):
    return np.sum(np.linalg.svd(A, compute_uv=False))


def spectral(A):
    return np.linalg.svd(A, compute_uv=False)[0]


def dspectral(A):
    U, _, Vt = np.linalg.svd(A)
    return np.outer(U[:, 0], Vt[0])


def dnuclear(A):
    U, _, Vt = np.linalg.svd(A, full_matrices=False)
    return U @ Vt


CASES = [
    right("their sum", nuclear, A, grad=dnuclear),
    right("their sum, of a tall matrix", nuclear, A[:, :2], grad=dnuclear),
    wrong("their sum, transposed", nuclear, A, grad=lambda A: dnuclear(A).T),
    right("the largest", spectral, A, grad=dspectral),
    wrong("the largest, transposed", spectral, A, grad=lambda A: dspectral(A).T),
]
