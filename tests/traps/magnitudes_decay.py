"""Is an entry looked at in steps of its own, where something else gives it a slope in those of the others?

A mass of 1e-27 among numbers of order one: of log-likelihood and weight decay, the usual steps see the decay alone, in
the noise of a likelihood that swings through all its waves. A gradient that is the decay's alone is not right.
"""

import numpy as np

from traps import normal, right, wrong

UNIT = 10.0 ** np.array([-9, 6, -27, 0, 2])
x, *OTHERS = (UNIT * (1 + np.abs(normal(5, seed=n)) / 2) for n in (3, 5, 8))
W = np.array([1.3, -0.7, 0.9, 1.1, -1.2])


def f(x):
    return {"data": W * np.sin(x / UNIT), "prior": 2 * np.sum(x)}


def pull(x, dy):
    return dy["data"] * W * np.cos(x / UNIT) / UNIT + 2 * dy["prior"]


def with_settings(x):
    return {**f(x), "counts": np.full(3, 1e5)}


def without(k, by=0.0):
    fit = np.where(np.arange(5) == k, by, 1)
    return lambda x, dy: dy["data"] * fit * W * np.cos(x / UNIT) / UNIT + 2 * dy["prior"]


CASES = [
    right("a fit and its decay", f, x, vjp=pull),
    right("a fit, its decay and constants", with_settings, x, vjp=pull),
    wrong("the smallest, its decay alone", f, x, vjp=without(2), named=("x[2]",)),
    *(wrong(f"the smallest, its decay alone ({n})", f, at, vjp=without(2)) for n, at in enumerate(OTHERS)),
    wrong("the smallest, its decay alone, beside constants", with_settings, x, vjp=without(2), named=("x[2]",)),
    wrong("the smallest, 1 %", f, x, vjp=without(2, 1.01), named=("x[2]",)),
    wrong("the second, its decay alone", f, x, vjp=without(0), named=("x[0]",)),
]
