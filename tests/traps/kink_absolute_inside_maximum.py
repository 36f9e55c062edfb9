"""Is the largest of absolute values, a kink inside a kink, judged?

max |x| has the slope sign(x) where it is attained. At (1, -1) two entries attain it, and at 0 all do, each with the
slopes -1 and 1.
"""

import numpy as np

from traps import neither, right, wrong


def f(x):
    return np.max(np.abs(x))


def claim(*g):
    return lambda x: np.array(g, float)


tie, zero = np.array([1.0, -1.0, 0.5]), np.zeros(3)

CASES = [
    right("one is largest", f, np.array([1.0, -3.0, 0.5]), grad=claim(0, -1, 0)),
    wrong("one is largest, its sign forgotten", f, np.array([1.0, -3.0, 0.5]), grad=claim(0, 1, 0), named=("x[1]",)),
    neither("two are", f, tie, grad=claim(1, 0, 0)),
    wrong("two are, the wrong sign", f, tie, grad=claim(0.5, 0.5, 0), named=("x[1]",)),
    neither("all are, at 0", f, zero, grad=lambda x: np.sign(x) * (np.abs(x) == f(x))),
    wrong("all are, at 0, nothing", f, zero, grad=claim(0, 0, 0)),
]
