"""Is a gate that is rounded to bfloat16 beside a factor in double precision taken for a constant?

Its stairs are as wide as an eighth of what they are climbed by: at all but the coarsest steps f is a straight line,
whose slope leaves the derivative of the gate out. No claim, of that slope or of the whole one, may be judged by it.
"""

import numpy as np

from traps import normal, right, times, wrong


def coarse(x):
    """Round to eight binary digits, as bfloat16 does."""
    mantissa, exponent = np.frexp(x)
    return np.ldexp(np.round(mantissa * 2**8) / 2**8, exponent)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gate(x):
    return coarse(sigmoid(coarse(x)))


def gated(x):
    return float(np.sum(x * gate(x)))


def gated_slope(x):
    s = sigmoid(x)
    return s + x * s * (1 - s)


def weighed(x, u):
    return (gated_slope(x) * u,)


CASES = [
    *(
        right(f"n = {n}, seed {s}", gated, normal(n, seed=s), grad=gated_slope, verdict="CORRECT or UNDECIDED")
        for n, s in ((1, 0), (1, 2), (3, 7), (3, 14), (6, 0), (6, 8))
    ),
    *(
        right(
            f"weighed, seed {s}", lambda x: x * gate(x), normal(6, seed=s), vjp=weighed, verdict="CORRECT or UNDECIDED"
        )
        for s in range(3)
    ),
    *(
        wrong(f"a constant gate, n = {n}, seed {s}", gated, normal(n, seed=s), grad=gate, verdict="WRONG or UNDECIDED")
        for n, s in ((1, 0), (1, 2), (3, 7), (6, 0), (6, 2))
    ),
    wrong("the other sign", gated, normal(6, seed=1), grad=times(-1.0, gated_slope)),
]
