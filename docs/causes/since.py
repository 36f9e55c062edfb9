"""The layer from which on everything is wrong.

Everything below a wrong layer is wrong too. In a chain, where that begins shows which layer it is.
"""

from dataclasses import dataclass
import numpy as np
from gradcheck import check_gradients
from gradcheck.networks import Chain, Dense

rng = np.random.default_rng(0)


# --8<--
@dataclass(frozen=True)
class Wave:
    def forward(self, x):
        def backward(dy):
            return dy, self  # wrong
            return dy * np.cos(x), self  # right

        return np.sin(x), backward


network = Chain((Dense.random(3, 4, rng), Wave(), Dense.random(4, 4, rng), Dense.random(4, 2, rng)))
report = check_gradients(network, rng.standard_normal((5, 3)))
