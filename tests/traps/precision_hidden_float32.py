"""Is a cast to float32 inside a float64 function found out?

Values are then rounded to 6e-8, a billion times coarser than their dtype says: noise must be measured, not read off the
dtype. If only one entry passes through the cast, its noise is its own. Multiplied by a tenth, the values are no
float32 numbers any more, and still no better.
"""

import numpy as np

from traps import normal, right, times, wrong

x = normal(10)
tenth = np.random.default_rng(0).uniform(0.2, 1.2, 5)


def f(x):
    return float(np.sum(np.sin(x.astype(np.float32))))


def one(x):
    return float(np.sum(np.sin(x[1:])) + np.sin(np.float32(x[0])))


CASES = [
    right("all entries", f, x, grad=np.cos),
    wrong("all entries, 1 % off", f, x, grad=times(1.01, np.cos)),
    right("a tenth of it", lambda x: 0.1 * f(x), tenth, grad=lambda x: 0.1 * np.cos(x)),
    wrong("a tenth of it, zero", lambda x: 0.1 * f(x), tenth, grad=np.zeros_like),
    right("one entry", one, x, grad=np.cos),
    wrong("one entry, 1 % off", one, x, grad=lambda x: np.cos(x) * (1 + 0.01 * (np.arange(10) == 0)), named=("x[0]",)),
]
