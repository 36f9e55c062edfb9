"""Symmetrised, or one triangle of it.

For a function of a symmetric matrix, the gradient with respect to all entries is not that with respect to one triangle.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
A, B = rng.standard_normal((4, 4)), rng.standard_normal((4, 4))


# --8<--
def f(A):
    return np.sum(np.sin(A) * B)


def gradient(A):
    G = np.cos(A) * B
    return (G + G.T) / 2  # wrong
    return G  # right


report = check_gradients(f, A, grad=gradient)
