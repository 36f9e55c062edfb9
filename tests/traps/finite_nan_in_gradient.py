"""Is a single nan in a gradient named?

f is fine, one entry of the claim is not: nan compares false with everything, also with "too large", and an error that
does not matter in an infinite entry is infinite.
"""

import numpy as np

from traps import normal, right, wrong

x = normal(5)
single = np.linspace(0.2, 1.2, 12).astype(np.float32)


def spoilt(value):
    return lambda x: np.where(np.arange(5) == 2, value, 1.0)


def spoilt_single(value):
    return lambda x: np.where(np.arange(12) == 5, value, np.cos(x)).astype(np.float32)


def sines(x):
    return np.sum(np.sin(x))


CASES = [
    right("none", np.sum, x, grad=np.ones_like),
    *(wrong(f"one {v}", np.sum, x, grad=spoilt(v), named=("a[2]",)) for v in (np.nan, np.inf, -np.inf)),
    *(
        wrong(f"one {v} in float32", sines, single, grad=spoilt_single(v), named=("x[5]",))
        for v in (np.nan, np.inf, -np.inf)
    ),
    wrong("all nan", np.sum, x, grad=lambda x: np.nan * x),
]
