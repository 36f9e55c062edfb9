"""Is the edge of a clip a kink, and the rest of it not?

np.clip(x, -1, 1) at x = 1 has the slopes 1 and 0, and hard-tanh, hard-sigmoid and ReLU6 are the same function.
"""

import numpy as np

from traps import neither, right, wrong


def f(x):
    return np.sum(np.clip(x, -1, 1))


edge, beyond = np.array([1.0, 0.3]), np.array([1.5, 0.3])

CASES = [
    neither("at the edge, 1", f, edge, grad=np.ones_like),
    neither("at the edge, 0", f, edge, grad=lambda x: np.array([0.0, 1.0])),
    wrong("at the edge, -1", f, edge, grad=lambda x: np.array([-1.0, 1.0]), named=("x[0]",)),
    right("beyond", f, beyond, grad=lambda x: (np.abs(x) < 1) * 1.0),
    wrong("beyond, the clip forgotten", f, beyond, grad=np.ones_like, named=("x[0]",)),
]
