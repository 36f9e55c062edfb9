"""The derivative of a hidden activation.

The same mistake in the middle of a network that is checked as a whole.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
X, y = rng.standard_normal((12, 4)), rng.standard_normal((12, 2))
params = {"W1": rng.standard_normal((4, 5)), "W2": rng.standard_normal((5, 2))}


# --8<--
def loss(p):
    return np.sum((np.tanh(X @ p["W1"]) @ p["W2"] - y) ** 2)


def gradient(p):
    h = np.tanh(X @ p["W1"])
    d = 2 * (h @ p["W2"] - y)
    dh = d @ p["W2"].T * h * (1 - h)  # wrong
    dh = d @ p["W2"].T * (1 - h**2)  # right
    return {"W1": X.T @ dh, "W2": h.T @ d}


report = check_gradients(loss, params, grad=gradient)
