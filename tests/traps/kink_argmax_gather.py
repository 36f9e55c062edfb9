"""Does what selects get no gradient, and what is selected all of it?

f = y[argmax x] depends on x only by jumps. A soft selection in its place has a gradient, but is not the derivative.
"""

import numpy as np

from traps import neither, normal, right, wrong

x, y = np.array([0.3, 2.0, -1.0]), normal(3, seed=1)


def f(x, y):
    return y[np.argmax(x)]


def selected(x):
    return (np.arange(3) == np.argmax(x)) * 1.0


def soft(x, y):
    s = np.exp(x) / np.exp(x).sum()
    return s * (y - s @ y), selected(x)


CASES = [
    right("none and all", f, x, y, grad=lambda x, y: (np.zeros(3), selected(x)), verdict="CORRECT or UNTESTED"),
    wrong("softmax instead", f, x, y, grad=soft, named=("x[0]", "x[1]", "x[2]")),
    neither("a tie", f, np.array([2.0, 2.0, -1.0]), y, grad=lambda x, y: (np.zeros(3), selected(x)), verdict="BROKEN"),
]
