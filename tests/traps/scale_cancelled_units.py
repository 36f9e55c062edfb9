"""Is a function that moves by a few units of what has cancelled said to stand still?

1 - cos x below 1e-7 is nought, or one, two or three units in the last place of 1: there its slope is not zero, but
unknown. A claim that would move it further than it moves is wrong all the same, and a dead unit does stand still.
"""

import numpy as np

from traps import normal, right, times, wrong

x = 1e-7 * normal(3)


def f(x):
    return np.sum(1 - np.cos(x))


def dead(x):
    return np.sum(np.maximum(x - 3, 0))


CASES = [
    right("1 - cos x", f, x, grad=np.sin, verdict="UNDECIDED"),
    right("the same, elsewhere", f, 1e-7 * normal(3, seed=4), grad=np.sin, verdict="UNDECIDED"),
    wrong("the other sign", f, x, grad=times(-1.0, np.sin)),
    wrong("a hundred times", f, x, grad=times(100.0, np.sin)),
    wrong("a dead unit", dead, normal(3), grad=lambda x: 0.01 + 0 * x),
]
