"""A constant term.

Every entry is off by the same amount: the derivative of a linear term is missing.
"""

import numpy as np
from gradcheck import check_gradients

x = np.random.default_rng(0).standard_normal(8)


# --8<--
def f(x):
    return np.sum(np.sin(x) + 0.7 * x)


def gradient(x):
    return np.cos(x)  # wrong
    return np.cos(x) + 0.7  # right


report = check_gradients(f, x, grad=gradient)
