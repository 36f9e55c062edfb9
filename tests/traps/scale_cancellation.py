"""Is a function that cancels its own digits taken for a smooth one?

(1 - cos x) / x^2 near 0 is 1/2, but 1 - cos x has 16 - 2 log10(1/x) digits: at 1e-4 it is noise of 1e-8, eight digits
more than the slope -x / 12.
"""

import numpy as np

from traps import right, wrong

x = np.array([1e-4])


def naive(x):
    return np.sum((1 - np.cos(x)) / x**2)


def stable(x):
    return np.sum(0.5 * np.sinc(x / (2 * np.pi)) ** 2)


def slope(x):
    return -x / 12 + x**3 / 180


CASES = [
    right("computed stably", stable, x, grad=slope, verdict="CORRECT or UNDECIDED"),
    right("computed naively", naive, x, grad=slope, verdict="CORRECT or UNDECIDED"),
    wrong("computed stably, a slope of 1", stable, x, grad=np.ones_like),
    wrong("computed naively, a slope of 1", naive, x, grad=np.ones_like),
]
