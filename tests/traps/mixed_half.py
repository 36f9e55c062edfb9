"""Is a function that is half precision inside known to what that leaves, and accused of nothing more?

It takes numbers of double precision, and rounds what it is given: all of it climbs stairs, each number its own. A fine
step sees one stair, or none; what is known is the slope over the flight, to a few parts in a hundred.
"""

import numpy as np

from traps import normal, right, times, wrong


def half(x):
    return x.astype(np.float16)


def swish(x):
    return float(np.sum((half(x) / (1 + np.exp(-half(x)))).astype(np.float64)))


def swish_slope(x):
    s = 1 / (1 + np.exp(-x))
    return s * (1 + x * (1 - s))


def ranks(x):
    e = np.exp(half(x))
    return float((e / e.sum()).astype(np.float64) @ np.arange(8))


def ranks_slope(x):
    e = np.exp(x.astype(np.float64))
    p = e / e.sum()
    return p * (np.arange(8) - p @ np.arange(8))


def x(n):
    return half(normal(8, seed=n))


CASES = [
    *(right(f"swish ({n})", swish, x(n), grad=swish_slope) for n in (0, 2, 5, 7)),
    *(right(f"ranks ({n})", ranks, x(n), grad=ranks_slope, verdict="CORRECT or UNDECIDED") for n in range(8)),
    wrong("swish, a third off", swish, x(5), grad=times(1.3, swish_slope)),
    wrong("ranks, the other sign", ranks, x(5), grad=times(-1.0, ranks_slope)),
]
