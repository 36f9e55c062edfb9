"""Is a slope that has died away called untested rather than right?

tanh at 30 is 1 to the last digit: its derivative, 1e-25, cannot be seen beside it, and neither can that of its
neighbours.
"""

import numpy as np

from traps import right, wrong

x = np.array([30.0, -25.0])


def f(x):
    return np.sum(np.tanh(x))


tail = np.array([0.0, 3.0, 6.0, 9.0])


def bell(x):
    return np.sum(np.exp(-(x**2)))


CASES = [
    right(
        "1 / cosh^2",
        f,
        x,
        grad=lambda x: 1 / np.cosh(x) ** 2,
        verdict="CORRECT or UNDECIDED or UNTESTED",
    ),
    right(
        "1 - tanh^2, which is zero",
        f,
        x,
        grad=lambda x: 1 - np.tanh(x) ** 2,
        verdict="CORRECT or UNDECIDED or UNTESTED",
    ),
    right(
        "the tail of a bell",
        bell,
        tail,
        grad=lambda x: -2 * x * np.exp(-(x**2)),
        verdict="CORRECT or UNDECIDED",
    ),
    wrong("1, the slope forgotten", f, x, grad=np.ones_like),
]
