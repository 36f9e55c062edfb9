"""Two mistakes at once.

A plain factor stands beside another mistake, or in one part of a tensor while another part has another one.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
x, t, W = rng.standard_normal((20, 4)), rng.standard_normal((20, 4)), rng.standard_normal((4, 4))


# --8<--
def cost(W):
    return np.sum((x @ W - t) ** 2)


def gradient(W):
    return (x @ W - t).T @ x  # wrong
    return 2 * x.T @ (x @ W - t)  # right


report = check_gradients(cost, W, grad=gradient)
