"""Is an object with parameters checked, and left as it was?

`params` is a dict, `loss(X, y)` returns the loss and a dict of gradients: the habit of a first network. A mistake in a
bias gradient, the mean forgotten, is a factor of the batch size.
"""

import numpy as np

from traps import normal, right, wrong


class Net:
    def __init__(self, bias):
        self.params = {"W": normal(3, 2, seed=2), "b": np.zeros(2)}
        self.bias = bias

    def loss(self, X, y):
        h = np.tanh(X @ self.params["W"] + self.params["b"])
        dz = 2 * (h - y) * (1 - h**2) / y.size
        return np.mean((h - y) ** 2), {"W": X.T @ dz, "b": self.bias(dz)}


X, y = normal(7, 3), normal(7, 2, seed=1)

CASES = [
    right("summed over the batch", Net(lambda dz: dz.sum(0)), X, y),
    wrong("averaged over the batch", Net(lambda dz: dz.mean(0)), X, y, named=("b[0]", "b[1]")),
    wrong("zero", Net(lambda dz: 0 * dz[0]), X, y, named=("b[0]", "b[1]")),
]
