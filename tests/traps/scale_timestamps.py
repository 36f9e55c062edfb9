"""Is a slope found where the argument is large and its own unit small, as a time in seconds since 1970?

A quarter of 1.7e9 seconds further on an exponential is gone, or beyond all numbers; at the steps between it is steeper
by a hundred orders than where the slope is asked for.
"""

import numpy as np

from traps import right, wrong

t = np.array([1.7e9 + 5, 1.7e9 + 50])
grown = np.array([1.7e9 + 300, 1.7e9 - 100])


def decay(t):
    return np.sum(np.exp(-(t - 1.7e9) / 100))


def slope(t):
    return -np.exp(-(t - 1.7e9) / 100) / 100


def growth(t):
    return np.sum(np.exp((t - 1.7e9) / 1000))


CASES = [
    right("a decay", decay, t, grad=slope),
    wrong("a decay, 0.1 % off", decay, t, grad=lambda t: 1.001 * slope(t)),
    right("growth", growth, grown, grad=lambda t: np.exp((t - 1.7e9) / 1000) / 1000),
    wrong("growth, the rate twice", growth, grown, grad=lambda t: np.exp((t - 1.7e9) / 1000) / 1e6),
]
