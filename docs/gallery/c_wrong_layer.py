"""A wrong layer: its weights are right, and everything below it is wrong.

A layer hands back the gradient of its input through the transposed weights. Here one does not transpose; its matrix is
square, so every shape fits. The gradients of its own weights are right all the same; those of the layers below it are
wrong, since they get a wrong cotangent. The check takes each layer alone, and the wrong one stands out in the chain.
"""

from dataclasses import dataclass, replace

import numpy as np

from gradcheck import check_gradients
from gradcheck.networks import Chain, CrossEntropy, Dense, Tanh


@dataclass(frozen=True)
class Square(Dense):
    def forward(self, x):
        y = x @ self.W + self.b

        def backward(dy):
            return dy @ self.W, replace(self, W=x.T @ dy, b=dy.sum(axis=0))  # W.T is meant

        return y, backward


rng = np.random.default_rng(0)
first, last = Dense.random(6, 5, rng), Dense.random(5, 3, rng)
middle = Square(rng.standard_normal((5, 5)) / 2, np.zeros(5))
network = Chain([first, Tanh(), middle, Tanh(), last])
labels = np.array([0, 2, 1, 0, 1, 2, 2, 0])
report = check_gradients(network, rng.standard_normal((8, 6)), loss=CrossEntropy(labels))
