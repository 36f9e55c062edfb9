"""Is a wave too short for any usual step taken for noise, and the mean slope for the slope?

sin(1e9 x) / 1e9 + x moves by x alone, as far as usual steps see, and its slope is 1 + cos(1e9 x). Whatever is claimed
would be seen at a step at which it moves f by its noise. The mean slope is what all usual steps show: a claim of it
is not looked at any closer, and that is a limit of whoever begins with such steps.
"""

import numpy as np

from traps import normal, right, wrong

x, one = np.array([0.7]), np.array([1.3])


def wave(k):
    return lambda x: np.sum(np.sin(k * x) / k + x), lambda x: np.cos(k * x) + 1


def rounded(x):
    return float(np.sum(x + np.tanh(x).astype(np.float32)))


def slope(x):
    return 2 - np.tanh(x) ** 2


(f9, df9), (f10, df10), (f12, df12) = (wave(k) for k in (1e9, 1e10, 1e12))

CASES = [
    right("1e9 times x over 1e9, and x", f9, x, grad=df9),
    right("1e10 times x over 1e10, and x", f10, x, grad=df10),
    right("1e12 times x over 1e12, and x", f12, one, grad=df12, verdict="CORRECT or UNDECIDED"),
    right("two of them", lambda x: f9(x) + x @ x, np.array([0.7, 1.3]), grad=lambda x: df9(x) + 2 * x),
    wrong("1e9 times x, half of the wave's slope", f9, x, grad=lambda x: np.cos(1e9 * x) / 2 + 1, named=("x[0]",)),
    right("no wave, but stairs of single precision", rounded, normal(4), grad=slope),
    wrong("stairs of single precision, left out", rounded, normal(4), grad=np.ones_like),
]
