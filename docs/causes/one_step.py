"""One step followed back wrongly.

A function in NumPy, PyTorch or JAX is run once more, step by step, and followed back with one step at a time left out, of another sign, with the
derivative of another function, or with another array in the place of a factor. The one that makes the claim is named as it is
written, with its line. Here the slope of tanh stands where that of the sigmoid is meant, in the gate alone.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
x, y = rng.standard_normal((6, 3)), rng.standard_normal((6, 4))
cell = {"W": rng.standard_normal((3, 4)), "G": rng.standard_normal((3, 4))}


# --8<--
def parts(p):
    return np.tanh(x @ p["W"]), 1 / (1 + np.exp(-x @ p["G"]))


def f(p):
    h, gate = parts(p)
    return np.sum((gate * h - y) ** 2)


def gradient(p):
    h, gate = parts(p)
    d = 2 * (gate * h - y)
    dG = x.T @ (d * h * (1 - gate**2))  # wrong
    dG = x.T @ (d * h * gate * (1 - gate))  # right
    return {"W": x.T @ (d * gate * (1 - h**2)), "G": dG}


report = check_gradients(f, cell, grad=gradient)
