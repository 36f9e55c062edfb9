"""Outside the kink: a claim that is no subgradient is wrong at a kink as well.

The same function, and a claim of two at one of the zeros: it lies outside of what the slopes on the left and on the
right allow. The curve shows both, at every step, and the claim beyond them.
"""

import numpy as np

from gradcheck import check_gradients

x = np.array([-1.5, 0.0, 2.0, 0.0, 0.5])


def leaky_relu(x):
    return np.sum(np.where(x > 0, x, 0.1 * x))


def grad(x):
    d = np.where(x > 0, 1.0, 0.1)
    d[3] = 2.0
    return d


report = check_gradients(leaky_relu, x, grad=grad)
