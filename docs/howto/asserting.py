"""A report that may be asserted, and one that may not."""

import numpy as np

from gradcheck import assert_gradients, check_gradients

x = np.linspace(-1, 1, 5)


def f(x):
    return np.sum(x**3)


def gradient(x):
    return 3 * x**2


assert assert_gradients(f, x, grad=gradient)
try:
    assert check_gradients(f, x, grad=gradient)
except TypeError as error:
    print(error)
