"""Another factor.

One factor for all entries that equals no size: a constant that is another one in the gradient.
"""

import numpy as np
from gradcheck import check_gradients

x = np.random.default_rng(0).standard_normal(8)


# --8<--
def f(x):
    return np.sum(0.37 * np.sin(x))


def gradient(x):
    return 0.52 * np.cos(x)  # wrong
    return 0.37 * np.cos(x)  # right


report = check_gradients(f, x, grad=gradient)
