"""Another number in a step.

The run of a function in NumPy, PyTorch or JAX is made again with one of its numbers left out, of the other sign, or as large as the largest wrong
entry asks for. If all the other entries ask for the same, it is named where it stands: an epsilon under a root, a temperature, a
limit or a slope that is another one in the backward. Here the backward divides by the standard deviation without its epsilon.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
x, target = rng.standard_normal((4, 6)), rng.standard_normal((4, 6))


# --8<--
def parts(x):
    mean, variance = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    return x - mean, variance


def f(x):
    centred, variance = parts(x)
    return np.sum((centred / np.sqrt(variance + 1e-3) - target) ** 2)


def gradient(x):
    centred, variance = parts(x)
    std = np.sqrt(variance)  # wrong
    std = np.sqrt(variance + 1e-3)  # right
    normed = centred / std
    d = 2 * (normed - target)
    return (d - d.mean(axis=1, keepdims=True) - normed * (d * normed).mean(axis=1, keepdims=True)) / std


report = check_gradients(f, x, grad=gradient)
