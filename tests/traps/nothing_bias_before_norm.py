"""A bias before a normalisation moves nothing: its gradient is a sum that cancels, and what is left is rounding.

A checker that holds rounding against rounding finds that it is not linear in the cotangent, not the same in two
precisions, and a hundred per cent off.
"""

import numpy as np

from traps import normal, right, wrong

x, W, b = normal(8, 3), normal(3, 4, seed=1), normal(4, seed=2)


def forward(x, W, b):
    y = x @ W + b
    return np.tanh(y - y.mean(axis=0))


def backward(x, W, b, u):
    dz = u * (1 - forward(x, W, b) ** 2)
    dy = dz - dz.mean(axis=0)
    return dy @ W.T, x.T @ dy, dy.sum(axis=0)


def mean_forgotten(x, W, b, u):
    dy = u * (1 - forward(x, W, b) ** 2)
    return dy @ W.T, x.T @ (dy - dy.mean(axis=0)), dy.sum(axis=0)


def squared_for_the_bias(x, W, b, u):
    dx, dW, _ = backward(x, W, b, u)
    return dx, dW, 1e-7 * np.sum(u * np.abs(u), axis=0)


def narrow(*arrays):
    return [a.astype(np.float32) for a in arrays]


CASES = [
    wrong("without the mean in the way back", forward, x, W, b, vjp=mean_forgotten),
    wrong("with a trace of what is not linear", forward, x, W, b, vjp=squared_for_the_bias),
    right("in float64", forward, x, W, b, vjp=backward, verdict="CORRECT or UNTESTED"),
    right("in float32", forward, *narrow(x, W, b), vjp=backward, verdict="CORRECT or UNTESTED"),
    right(
        "in float32 as it is", forward, *narrow(x, W, b), vjp=backward, precision="as-is", verdict="CORRECT or UNTESTED"
    ),
    right(
        "nothing but the bias of the norm moves",
        lambda x, shift: (x - x.mean(axis=0)).mean(axis=0) + shift,
        *narrow(x, np.zeros(3)),
        vjp=lambda x, shift, u: ((u - u) / len(x) + 0 * x, u),
        verdict="CORRECT or UNTESTED",
    ),
]
