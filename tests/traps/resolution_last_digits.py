"""Is a fast wave as high as f's last digits not judged at all?

Under an offset of 1e8 a wave of 1e-8 shows as a jitter of one or two last digits: its slope may be anything. What
stands still there, or is claimed to move f by far more, is wrong all the same.
"""

import numpy as np

from traps import normal, right, wrong

x = normal(4, seed=3)


def wave(rate):
    return lambda x: 1e8 + 1e-8 * np.sum(np.sin(rate * x))


def slope(rate):
    return lambda x: 1e-8 * rate * np.cos(rate * x)


def still(x):
    return 1e8 + 0 * np.sum(x)


UNKNOWN = "UNDECIDED or CORRECT"
CASES = [
    right("fifty radians", wave(50), x, grad=slope(50), verdict=UNKNOWN),
    right("a thousand radians", wave(1e3), x, grad=slope(1e3), verdict=UNKNOWN),
    wrong("far more than the wave", wave(50), x, grad=lambda x: slope(50)(x) + 1e-2),
    wrong("nothing but the offset", still, x, grad=lambda x: 1e-5 * np.ones(4)),
]
