"""Is a jump told from a slope?

A step function has the derivative 0 everywhere but at the step, where it has none. Close by, it looks flat to short
steps and infinitely steep to long ones.
"""

import numpy as np

from traps import neither, right, wrong

away, at = np.array([0.3, -0.2]), np.array([0.0, -0.2])


def f(x):
    return np.sum(x > 0.0) + 0.0


CASES = [
    right("away from it", f, away, grad=np.zeros_like, verdict="CORRECT or UNTESTED"),
    neither("at it", f, at, grad=np.zeros_like, verdict="BROKEN"),
    wrong("away from it, a bump in place of zero", f, away, grad=lambda x: np.exp(-(x**2))),
]
