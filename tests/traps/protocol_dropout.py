"""Is dropout with a fresh mask at every call checked with one mask?

Each call draws anew, so that two values at one point differ by more than any slope explains. With the generator put
back before each call it is a plain function, and right.
"""

import numpy as np

from traps import normal, right, wrong

x = normal(20)


class Dropout:
    def __init__(self):
        self.rng = np.random.default_rng(1)

    def loss(self, x):
        self.mask = 2.0 * (self.rng.random(x.shape) > 0.5)
        return np.sum(np.sin(x) * self.mask)

    def grad(self, x):
        self.loss(x)
        return np.cos(x) * self.mask

    def unscaled(self, x):
        return self.grad(x) / 2


def from_global(x):
    return np.sum(np.sin(x) * (np.random.random(x.shape) > 0.5))  # noqa: NPY002  the very thing


def global_grad(x):
    return np.cos(x) * (np.random.random(x.shape) > 0.5)  # noqa: NPY002  the very thing


own, spoilt = Dropout(), Dropout()

CASES = [
    right("its own generator", own.loss, x, grad=own.grad),
    right("the global generator", from_global, x, grad=global_grad),
    wrong("the scale forgotten", spoilt.loss, x, grad=spoilt.unscaled),
]
