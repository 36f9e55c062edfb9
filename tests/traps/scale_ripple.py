"""Is a ripple that was taken for noise looked at from where the claim would be seen?

sin(k x) / k + x rises by 1 to everything that is coarse, and by 1 + cos(k x) from near; the ripple is a part in a
billion high, and smooth at steps that are smaller still. Stairs are not: what one of them shows denies nothing.
"""

import numpy as np

from traps import normal, right, times, wrong

x = normal(3)


def rippled(k):
    return lambda x: np.sum(np.sin(k * x) / k + x)


def slope(k):
    return lambda x: np.cos(k * x) + 1


def stepped(x):
    return np.sum(np.sin(x).astype(np.float32).astype(np.float64) + 3 * x)


CASES = [
    *(right(f"{k:.0e} waves", rippled(k), x, grad=slope(k)) for k in (1e6, 1e8, 1e9)),
    right("1e10 waves", rippled(1e10), x, grad=slope(1e10), verdict="CORRECT or UNDECIDED"),
    *(wrong(f"{k:.0e} waves, the other sign", rippled(k), x, grad=times(-1.0, slope(k))) for k in (1e6, 1e9)),
    *(wrong(f"{k:.0e} waves, twice", rippled(k), x, grad=times(2.0, slope(k))) for k in (1e6, 1e9)),
    wrong("stairs, and the slope of one", stepped, x, grad=lambda x: 3 + 0 * x),
]
