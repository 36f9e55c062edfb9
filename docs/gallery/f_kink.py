"""A kink: where the function has no derivative, any slope between the two sides is a valid subgradient.

The absolute value has no derivative at zero, and leaky ReLU has none either. Whoever claims a slope between those on
the left and on the right has chosen a subgradient, which is not wrong. A central difference is another number, so a
checker that compares with it at a fixed tolerance calls it wrong.
"""

import numpy as np

from gradcheck import check_gradients

x = np.array([-1.5, 0.0, 2.0, 0.0, 0.5])


def leaky_relu(x):
    return np.sum(np.where(x > 0, x, 0.1 * x))


report = check_gradients(leaky_relu, x, grad=lambda x: np.where(x > 0, 1.0, 0.1))
