"""Part of the cotangent is ignored.

Only some entries of the cotangent are used, or they are shifted.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
x, A = rng.standard_normal(4), rng.standard_normal((5, 4))


# --8<--
def f(x):
    return np.sin(A @ x)


def backward(x, dy):
    dy = np.roll(dy, 1)  # wrong
    return A.T @ (dy * np.cos(A @ x))


report = check_gradients(f, x, vjp=backward)
