"""Not recognised.

Nothing is guessed: where no known mistake explains every wrong entry to within the uncertainty, the report says so. Here there are
two at once.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
x = rng.standard_normal(8)


# --8<--
def f(x):
    return np.sum(np.sin(x**2) * np.exp(x))


def gradient(x):
    return np.exp(x) * (np.sin(x) + np.cos(x**2) * x)  # wrong
    return np.exp(x) * (np.sin(x**2) + 2 * x * np.cos(x**2))  # right


report = check_gradients(f, x, grad=gradient)
