"""Finite, where the slope is infinite.

A small number in a denominator keeps the gradient finite, where the slope of the function is infinite.
"""

import numpy as np
from gradcheck import check_gradients


# --8<--
def f(x):
    return np.sum(np.sqrt(x))


def gradient(x):
    return 0.5 / np.sqrt(x + 1e-12)  # wrong
    return 0.5 / np.sqrt(x)  # right


with np.errstate(divide="ignore"):
    report = check_gradients(f, np.array([0.0, 1.0, 2.0]), grad=gradient)
