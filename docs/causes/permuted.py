"""Transposed, shifted, or flipped.

The right numbers along other axes, or one place further.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
A, B = rng.standard_normal((3, 3)), rng.standard_normal((3, 3))


# --8<--
def f(A):
    return np.sum(np.sin(A) * B)


def gradient(A):
    return (np.cos(A) * B).T  # wrong
    return np.cos(A) * B  # right


report = check_gradients(f, A, grad=gradient)
