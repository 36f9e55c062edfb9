"""An index that occurs twice.

`g[ids] += d` adds only one of several values that go to the same place.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
E, ids, target = rng.standard_normal((5, 3)), np.array([1, 3, 3, 0]), rng.standard_normal((4, 3))


# --8<--
def loss(E, ids):
    return np.sum((E[ids] - target) ** 2)


def gradient(E, ids):
    g = np.zeros_like(E)
    g[ids] += 2 * (E[ids] - target)  # wrong
    np.add.at(g, ids, 2 * (E[ids] - target))  # right
    return g


report = check_gradients(loss, E, ids, grad=gradient)
