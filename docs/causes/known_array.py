"""An array left out.

The factor is an array that the function sees: a mask, weights of examples, a scale.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
x, scale = rng.standard_normal(8), rng.uniform(1, 2, 8)


# --8<--
def f(x, scale):
    return np.sum(np.sin(scale * x))


def gradient(x, scale):
    return np.cos(scale * x)  # wrong
    return scale * np.cos(scale * x)  # right


report = check_gradients(f, x, scale, grad=gradient)
