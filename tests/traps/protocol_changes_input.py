"""Is a function found that changes what it is given?

x *= 2 inside f changes the caller's array: the second value is not that of the first point. The user's own arrays stay
as they were throughout.
"""

import numpy as np

from traps import neither, normal, wrong


def forward(x):
    x *= 2
    return np.sum(x)


def backward(x):
    x *= 2
    return np.full(x.shape, 2.0)


def normalising(p):
    p["w"] /= np.linalg.norm(p["w"])
    return np.sum(p["w"])


CASES = [
    neither("in f", forward, normal(5), grad=lambda x: np.full(x.shape, 2.0), verdict="BROKEN"),
    wrong("in the gradient", lambda x: 2 * np.sum(x), normal(5), grad=backward, verdict="BROKEN or WRONG"),
    neither(
        "in f, one tensor of a dict", normalising, {"w": normal(3)}, grad=lambda p: {"w": np.ones(3)}, verdict="BROKEN"
    ),
]
