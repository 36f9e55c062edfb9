"""A conjugate missing.

Of a complex tensor the gradient is the derivative with respect to the real part plus i times that with respect to the imaginary part.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
z, a = (rng.standard_normal(5) + 1j * rng.standard_normal(5) for _ in range(2))


# --8<--
def f(z):
    return np.sum(np.abs(z - a) ** 2)


def gradient(z):
    return 2 * np.conj(z - a)  # wrong
    return 2 * (z - a)  # right


report = check_gradients(f, z, grad=gradient)
