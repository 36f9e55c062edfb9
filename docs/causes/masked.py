"""The mask of another tensor.

The mask is taken from the wrong array, or forgotten.
"""

import numpy as np
from gradcheck import check_gradients

x = np.random.default_rng(0).standard_normal((4, 3))


# --8<--
def relu(x):
    return np.maximum(x, 0)


def backward(x, dy):
    return dy * (dy > 0)  # wrong
    return dy * (x > 0)  # right


report = check_gradients(relu, x, vjp=backward)
