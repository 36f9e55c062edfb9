"""Is a backward that returns noise, or a forward that does, found out?

Bytes from the operating system cannot be pinned: two calls differ, so there is no gradient to compare. So do sums
whose order changes, by a unit in the last place; that is no noise.
"""

import os

import numpy as np

from traps import neither, normal, wrong

x = normal(5)


def noise(scale):
    return scale * np.frombuffer(os.urandom(40), np.uint64) / 2.0**56  # up to 256, and never twice the same


CASES = [
    wrong("in the gradient", np.sum, x, grad=lambda x: 1 + noise(1e-3), verdict="BROKEN or WRONG"),
    neither("in the function", lambda x: np.sum(x) + noise(1e-3)[0], x, grad=np.ones_like, verdict="BROKEN"),
    neither(
        "a clock",
        lambda x: np.sum(x) * os.times().elapsed,
        x,
        grad=np.ones_like,
        verdict="BROKEN or WRONG or UNDECIDED",
    ),
]
