"""One of several uses of a layer.

A layer that is used several times has the sum of the gradients of its uses.
"""

from dataclasses import dataclass, replace
import numpy as np
from gradcheck import check_gradients
from gradcheck.networks import Chain, Dense, Tanh, summed

rng = np.random.default_rng(0)


# --8<--
@dataclass(frozen=True)
class Twice:
    layer: Dense

    def forward(self, x):
        h, first = self.layer.forward(x)
        y, second = self.layer.forward(h)

        def backward(dy):
            dh, dlast = second(dy)
            dx, dfirst = first(dh)
            return dx, replace(self, layer=dlast)  # wrong
            return dx, replace(self, layer=summed(self.layer, [dfirst, dlast]))  # right

        return y, backward


report = check_gradients(Twice(Dense.random(3, 3, rng)), rng.standard_normal((4, 3)))
