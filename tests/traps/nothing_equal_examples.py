"""Is a right gradient accused that is nothing but the rounding of sums that cancel?

A batch of three equal rows has no variance: a batch norm over it divides by the root of its epsilon, and what comes
back to the weights below is zero but for rounding, three hundred times magnified, in the claim as in the function.
What rounding made of the claim is measured before it is accused, and the slope is measured at other steps too.
"""

import numpy as np

from gradcheck.networks import BatchNorm, Chain, Dense, MeanSquaredError
from gradcheck.strategies import Case
from traps import right

rng = np.random.default_rng(0)
rows = np.tile(rng.standard_normal(2), (3, 1))
network = Chain((Dense.random(2, 3, rng), BatchNorm.plain(3)))
tokens = Case(
    takes=("tokens", 1, 2),
    layers=(("embedding", 2), ("last-step",), ("dense", 3), ("batch-norm", False)),
    loss="multi-hinge",
    batch=3,
    seed=91,
)
target = MeanSquaredError(rng.standard_normal((3, 3)))

CASES = [
    right("three equal rows", network, rows, loss=target),
    right("three equal tokens", *tokens, verdict="UNTESTED"),
]
