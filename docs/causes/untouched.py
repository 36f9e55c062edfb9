"""The input where its activation is meant.

The gradient of a loss uses the input of an activation where its output is meant, or the other way round.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
x, t = rng.standard_normal((6, 3)), rng.uniform(0, 1, (6, 3))


# --8<--
def loss(x, t):
    return np.sum(np.logaddexp(0, x) - t * x)


def gradient(x, t):
    return x - t  # wrong
    return 1 / (1 + np.exp(-x)) - t  # right


report = check_gradients(loss, x, t, grad=gradient)
