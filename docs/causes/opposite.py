"""A condition the wrong way round.

Zero where the function moves, and not zero where it stands still.
"""

import numpy as np
from gradcheck import check_gradients

x = np.random.default_rng(0).standard_normal((4, 3))


# --8<--
def relu(x):
    return np.maximum(x, 0)


def backward(x, dy):
    return dy * (x < 0)  # wrong
    return dy * (x > 0)  # right


report = check_gradients(relu, x, vjp=backward)
