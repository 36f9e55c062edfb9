"""Is the remainder a line with jumps?

x mod 1 has the slope 1 between the jumps, and a claim of 0, as for floor, is wrong there. At a jump there is none.
"""

import numpy as np

from traps import neither, right, wrong

x = np.array([0.3, 1.7, -2.4])


def f(x):
    return np.sum(x % 1)


CASES = [
    right("between", f, x, grad=np.ones_like),
    wrong("between, 0", f, x, grad=np.zeros_like),
    neither("at a jump", f, np.array([0.3, 1.0]), grad=np.ones_like, verdict="BROKEN or UNDECIDED"),
]
