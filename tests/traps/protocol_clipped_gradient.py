"""Is a gradient that was clipped for training told from the gradient?

Scaled to length 1, or cut to [-1, 1], it points roughly the same way, and trains; it is not the derivative.
"""

import numpy as np

from traps import normal, right, wrong

x = 3 * normal(6)


def f(x):
    return np.sum(x**2)


CASES = [
    right("as it is", f, x, grad=lambda x: 2 * x),
    wrong("scaled to length 1", f, x, grad=lambda x: x / np.linalg.norm(x)),
    wrong("each cut to [-4, 4]", f, x, grad=lambda x: np.clip(2 * x, -4, 4)),
]
