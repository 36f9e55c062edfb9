"""A sequence followed back wrongly.

The cotangent of a state goes through all steps before it. Here it is followed for two steps only: backpropagation through time is
truncated. In an optimiser that may be meant; it is not the gradient of this function.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
x, target = rng.standard_normal((5, 2)), rng.standard_normal(3)
cell = {"W": rng.standard_normal((2, 3)), "U": rng.standard_normal((3, 3)) / 2}


# --8<--
def states(p):
    h = [np.zeros(3)]
    for t in range(5):
        h.append(np.tanh(x[t] @ p["W"] + h[-1] @ p["U"]))
    return h


def f(p):
    return np.sum((states(p)[-1] - target) ** 2)


def gradient(p):
    h, dW, dU = states(p), 0, 0
    dh = 2 * (h[-1] - target)
    steps = (4, 3)  # wrong
    steps = (4, 3, 2, 1, 0)  # right
    for t in steps:
        dz = dh * (1 - h[t + 1] ** 2)
        dW, dU = dW + np.outer(x[t], dz), dU + np.outer(h[t], dz)
        dh = p["U"] @ dz
    return {"W": dW, "U": dU}


report = check_gradients(f, cell, grad=gradient)
