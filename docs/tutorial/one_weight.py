"""A model with a single weight: its cost, the gradient of the cost, and four steps downhill."""

import numpy as np

from gradcheck import check_gradients

x, truth = 2.0, 3.0


def cost(w):
    return (w * x - truth) ** 2 / 2


def gradient(w):
    return (w * x - truth) * x


w = np.array(0.5)
print(f"predicted {w * x}, truth {truth}: the cost is {cost(w)}, its gradient {gradient(w)}")
print(f"w + 0.01: the gradient promises {cost(w) + 0.01 * gradient(w):.4f}, the cost is {cost(w + 0.01):.4f}")
print(f"gradcheck: {check_gradients(cost, w, grad=gradient).verdict.name}")
for _ in range(4):
    w = w - 0.1 * gradient(w)
    print(f"w = {w:.4f}, predicted {w * x:.4f}, cost {cost(w):.6f}")
