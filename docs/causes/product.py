"""Another product.

A gradient of a weight is a product of what is at hand; this one takes the wrong factor, or leaves a factor out.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
x, W = rng.standard_normal((6, 3)), rng.standard_normal((3, 4))


# --8<--
def layer(x, W):
    return np.tanh(x @ W)


def backward(x, W, dy):
    d = dy * (1 - np.tanh(x @ W) ** 2)
    return d @ W.T, x.T @ dy  # wrong
    return d @ W.T, x.T @ d  # right


report = check_gradients(layer, x, W, vjp=backward)
