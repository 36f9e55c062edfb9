"""Is the slope of x / log x at 0 known to be 0? It is a thirtieth at the smallest steps, and falls from step to step.

It falls more slowly than that of any power, and grows from below to 0: neither has it no end, nor is it what the last
steps show.
"""

import numpy as np

from traps import right, wrong


def away(x):
    """Return the argument, and a harmless number at 0."""
    return np.where(x == 0, 0.5, x)


def ratio(x):
    return float(np.sum(np.where(x == 0, 0.0, x / np.log(np.abs(away(x))))))


def ratio_slope(x):
    logarithm = np.log(np.abs(away(x)))
    return np.where(x == 0, 0.0, 1 / logarithm - 1 / logarithm**2)


def positive(x):
    return float(np.sum(x / np.log(x)))


def squared(x):
    return float(np.sum(np.where(x == 0, 0.0, x / np.log(np.abs(away(x))) ** 2)))


def squared_slope(x):
    logarithm = np.log(np.abs(away(x)))
    return np.where(x == 0, 0.0, 1 / logarithm**2 - 2 / logarithm**3)


def small(x):
    return np.where(x == 0, -0.02, ratio_slope(x))


ZERO, BOTH = np.zeros(1), np.array([0.0, 0.3])
CASES = [
    *(
        right(f"x / log |x| at {len(x)}", ratio, x, grad=ratio_slope, verdict="CORRECT or UNTESTED")
        for x in (ZERO, BOTH)
    ),
    *(
        right(f"x / log x at {len(x)}", positive, x, grad=ratio_slope, verdict="CORRECT or UNTESTED")
        for x in (ZERO, BOTH)
    ),
    *(
        right(f"x / log^2 at {len(x)}", squared, x, grad=squared_slope, verdict="CORRECT or UNTESTED")
        for x in (ZERO, BOTH)
    ),
    wrong("a fiftieth at 0", ratio, BOTH, grad=small, named=("x[0]",)),
    wrong("a fiftieth at 0, x / log x", positive, BOTH, grad=small, named=("x[0]",)),
    wrong("one at 0", ratio, BOTH, grad=lambda x: np.where(x == 0, 1.0, ratio_slope(x)), named=("x[0]",)),
]
