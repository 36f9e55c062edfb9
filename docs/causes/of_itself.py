"""A term of the tensor itself.

The gradient of a logarithm, a power or a determinant's logarithm is left out: the normaliser of a density, mostly.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
x, sigma = rng.standard_normal(6), rng.uniform(0.5, 2, 6)


# --8<--
def f(sigma):
    return np.sum((x / sigma) ** 2 / 2 + np.log(sigma))


def gradient(sigma):
    return -(x**2) / sigma**3  # wrong
    return -(x**2) / sigma**3 + 1 / sigma  # right


report = check_gradients(f, sigma, grad=gradient)
