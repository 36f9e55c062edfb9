"""By the logarithm of a parameter, not the parameter.

The derivative was taken by the logarithm (or the exponential, or the logit) of the parameter.
"""

import numpy as np
from gradcheck import check_gradients

sigma = np.random.default_rng(0).uniform(0.5, 3, 8)


# --8<--
def f(sigma):
    return np.sum(np.log(sigma) ** 2 + 1 / sigma)


def gradient(sigma):
    return 2 * np.log(sigma) - 1 / sigma  # wrong
    return 2 * np.log(sigma) / sigma - 1 / sigma**2  # right


report = check_gradients(f, sigma, grad=gradient)
