"""Is a straight-through estimator called what it is, a gradient of another function?

round, floor and sign are flat: their derivative is 0. Claiming 1 may train well, but it is not their gradient, and
whoever means it must say so.
"""

import numpy as np

from traps import normal, right, wrong

x = normal(6)


def rounded(x):
    return np.sum(np.round(x))


def quantised(x):
    return np.sum((np.round(4 * x) / 4 - 1) ** 2)


CASES = [
    right("round, 0", rounded, x, grad=np.zeros_like, verdict="CORRECT or UNTESTED"),
    wrong("round, 1", rounded, x, grad=np.ones_like),
    wrong("floor, 1", lambda x: np.sum(np.floor(x)), x, grad=np.ones_like),
    wrong("sign, 1 within [-1, 1]", lambda x: np.sum(np.sign(x)), x, grad=lambda x: (np.abs(x) < 1) * 1.0),
    wrong("quantised to quarters, as if it were not", quantised, x, grad=lambda x: 2 * (np.round(4 * x) / 4 - 1)),
]
