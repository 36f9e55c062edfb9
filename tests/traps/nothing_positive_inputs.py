"""Is a wrong slope for negative inputs found with positive ones?

Pixels and features after a ReLU are never negative: a leaky ReLU with the wrong leak is right on all of them.
"""

import numpy as np

from traps import normal, right, wrong

x = np.abs(normal(5)) + 0.1


def f(x):
    return np.sum(np.where(x > 0, x, 0.1 * x))


def elu(x):
    return np.sum(np.where(x > 0, x, np.expm1(np.minimum(x, 0))))


CASES = [
    right("leak 0.1", f, x, grad=lambda x: np.where(x > 0, 1, 0.1)),
    wrong("leak 0.2", f, x, grad=lambda x: np.where(x > 0, 1, 0.2)),
    right("ELU", elu, x, grad=lambda x: np.where(x > 0, 1, np.exp(np.minimum(x, 0)))),
    wrong("ELU, 0 below", elu, x, grad=lambda x: (x > 0) * 1.0),
]
