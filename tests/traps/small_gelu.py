"""Is an approximation told from the function it approximates?

GELU by tanh differs from GELU by the error function by some 1e-4 in its slope, and a constant of 0.7979 in place of
sqrt(2 / pi) by 2e-5.
"""

import math

import numpy as np

from traps import normal, right, wrong

x = normal(8)
ROOT = math.sqrt(2 / math.pi)


def exact(x):
    return sum(v * (1 + math.erf(v / math.sqrt(2))) / 2 for v in x)


def dexact(x):
    cdf = np.array([(1 + math.erf(v / math.sqrt(2))) / 2 for v in x])
    return cdf + x * np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)


def by_tanh(x):
    return np.sum(0.5 * x * (1 + np.tanh(ROOT * (x + 0.044715 * x**3))))


def dby_tanh(root):
    def df(x):
        t = np.tanh(root * (x + 0.044715 * x**3))
        return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * root * (1 + 3 * 0.044715 * x**2)

    return df


CASES = [
    right("by the error function", exact, x, grad=dexact),
    right("by tanh", by_tanh, x, grad=dby_tanh(ROOT)),
    wrong("one for the other", exact, x, grad=dby_tanh(ROOT)),
    wrong("a constant of four digits", by_tanh, x, grad=dby_tanh(0.7979)),
]
