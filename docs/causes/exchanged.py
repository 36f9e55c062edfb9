"""Two tensors exchanged.

Both have the same shape, so nothing raises.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
a, b = rng.standard_normal((2, 8))


# --8<--
def f(a, b):
    return a @ np.sin(b)


def gradient(a, b):
    return a * np.cos(b), np.sin(b)  # wrong
    return np.sin(b), a * np.cos(b)  # right


report = check_gradients(f, a, b, grad=gradient)
