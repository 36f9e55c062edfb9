"""A branch that does not count.

Where the input goes two ways, both gradients are added.
"""

from dataclasses import dataclass, replace
import numpy as np
from gradcheck import check_gradients
from gradcheck.networks import Dense, Tanh

rng = np.random.default_rng(0)


# --8<--
@dataclass(frozen=True)
class Both:
    left: Dense
    right: Dense

    def forward(self, x):
        y, left = self.left.forward(x)
        z, right = self.right.forward(x)

        def backward(d):
            dx, dleft = left(d)
            dz, dright = right(d)
            return dx, replace(self, left=dleft, right=dright)  # wrong
            return dx + dz, replace(self, left=dleft, right=dright)  # right

        return y + z, backward


report = check_gradients(Both(Dense.random(3, 2, rng), Dense.random(3, 2, rng)), rng.standard_normal((4, 3)))
