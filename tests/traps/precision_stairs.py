"""Is the zero derivative of a staircase left alone?

A result rounded on purpose, to three digits or to whole steps, stands still on every stair and climbs as a whole. Zero
is its derivative almost everywhere, and the slope of the flight is what a straight-through estimator claims.
"""

import numpy as np

from traps import neither, normal, wrong

x = normal(6)


def zero(x):
    return np.zeros_like(x)


def rounded(x):
    return float(np.sum(np.round(np.sin(x), 3)))


def quantised(x):
    return float(np.sum(np.floor(x / 0.03)))


def narrow(x):
    return float(np.sum(np.sin(x).astype(np.float32).astype(np.float64)))


CASES = [
    wrong("zero for a hidden float32, whose stairs are its rounding", narrow, x, grad=zero),
    neither("zero, rounded to three digits", rounded, x, grad=zero, verdict="UNDECIDED or UNTESTED"),
    neither("zero, in steps of 0.03", quantised, x, grad=zero, verdict="UNDECIDED or BROKEN or UNTESTED"),
    wrong("another slope than that of the flight", rounded, x, grad=lambda x: 3 * np.cos(x)),
]
