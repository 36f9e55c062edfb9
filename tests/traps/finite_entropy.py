"""Is x log x at 0 continued by 0, and its gradient not by nan?

The entropy of a distribution with a zero is finite; its slope there, log x + 1, is minus infinity, and what is claimed
there is nobody's business but must not be nan.
"""

import numpy as np

from traps import neither, right, wrong

inside, edge = np.array([0.2, 0.5, 0.3]), np.array([0.0, 0.5, 0.5])


def f(p):
    return -np.sum(np.where(p > 0, p * np.log(np.where(p > 0, p, 1)), 0))


CASES = [
    right("inside", f, inside, grad=lambda p: -np.log(p) - 1),
    wrong("inside, the 1 forgotten", f, inside, grad=lambda p: -np.log(p)),
    wrong("at the edge, nan", f, edge, grad=lambda p: -np.log(p) - p / p, named=("p[0]",)),
    neither(
        "at the edge, -1",
        f,
        edge,
        grad=lambda p: -np.log(np.where(p > 0, p, 1)) - 1,
        verdict="KINK or WRONG or UNDECIDED or BROKEN",
    ),
]
