"""One of many: a single wrong weight among a hundred thousand, found in less than two hundred evaluations.

Measuring each of them would take two hundred thousand evaluations. The check looks along random directions through all
of them at once instead; they disagree with the claim, and a search for where leads to the entry. In the heat map each
block is as bright as the worst entry in it, so that it can be seen.
"""

import numpy as np

from gradcheck import check_gradients

W = np.random.default_rng(0).standard_normal((400, 250)) / 20
x = np.random.default_rng(1).standard_normal(400)


def loss(W):
    return np.sum(np.tanh(x @ W) ** 2)


def grad(W):
    y = np.tanh(x @ W)
    dW = np.outer(x, 2 * y * (1 - y**2))
    dW[318, 141] *= 1.5
    return dW


report = check_gradients(loss, W, grad=grad)
