"""Are numbers without an axis moved at all?

A 0-d array, a NumPy scalar and a Python float: `x[k] += h` fails on the first, is lost on the others.
"""

import numpy as np

from traps import right, times, wrong


def f(x):
    return np.sin(x)


POINTS = {
    "0-d array": np.array(1.2),
    "NumPy scalar": np.float64(1.2),
    "Python float": 1.2,
    "one entry": np.array([1.2]),
}


def total(x):
    return np.sum(np.sin(x))


CASES = [
    *(right(name, total, x, grad=np.cos) for name, x in POINTS.items()),
    *(wrong(f"{name}, 1 % off", total, x, grad=times(1.01, np.cos)) for name, x in POINTS.items()),
]
