"""Is a single nan in a gradient named?

f is fine, one entry of the claim is not: nan compares false with everything, also with "too large".
"""

import numpy as np

from traps import normal, right, wrong

x = normal(5)


def spoilt(value):
    return lambda x: np.where(np.arange(5) == 2, value, 1.0)


CASES = [
    right("none", np.sum, x, grad=np.ones_like),
    *(wrong(f"one {v}", np.sum, x, grad=spoilt(v), named=("a[2]",)) for v in (np.nan, np.inf, -np.inf)),
    wrong("all nan", np.sum, x, grad=lambda x: np.nan * x),
]
