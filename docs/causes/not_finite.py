"""Not a number.

The formula divides zero by zero, or overflows, at a point where the function itself is fine.
"""

import numpy as np
from gradcheck import check_gradients


# --8<--
def f(x):
    return np.sum(np.sinc(x / np.pi))  # sin(x) / x, which is 1 at 0


def gradient(x):
    with np.errstate(invalid="ignore"):
        slope = (x * np.cos(x) - np.sin(x)) / x**2
    return slope  # wrong
    return np.where(x == 0, 0, slope)  # right


report = check_gradients(f, np.array([0.0, 1.0, 2.0]), grad=gradient)
