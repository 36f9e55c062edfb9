"""Is a straight line known where the value at the point itself is rounded by more than those around it?

Then the slopes to the right and to the left part like 1/h, as at a cusp; nothing was known of the slope, and zero,
which was claimed of it, was taken for what is lost in the last digits.
"""

import numpy as np

from traps import right, wrong

w = np.array([0.5, -1.1, 0.7, 1.3])
x = np.array([-0.7, 1.4, 0.8, 1.5])


def f(x, at=tuple(x), off=1.5e-15):
    return float(w @ x) + off * (tuple(x) == at)


def without(k):
    return lambda x: np.where(np.arange(4) == k, 0.0, w)


CASES = [
    right("as it is", f, x, grad=lambda x: w * (x < 10)),
    *(wrong(f"without one ({k})", f, x, grad=without(k), named=(f"x[{k}]",)) for k in range(4)),
]
