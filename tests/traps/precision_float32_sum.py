"""Is a right gradient in float32 let pass?

The sum of squares of 4,000 float32 entries is about 4,000 and rounded to 2e-4: with a step of 1e-6 nothing is left of
the slope. Where the function takes float64 it is measured there; where it does not, in longer steps.
"""

import numpy as np

from traps import normal, right, wrong

x = normal(4000).astype(np.float32)


def f(x):
    return np.sum(x * x)


def forced(x):
    return np.sum(np.float32(x) * np.float32(x))


CASES = [
    right("2 x", f, x, grad=lambda x: 2 * x),
    wrong("1 % too large", f, x, grad=lambda x: x * np.asarray(2.02, x.dtype)),
    right("as it is", f, x, grad=lambda x: 2 * x, precision="as-is", verdict="CORRECT or UNDECIDED"),
    right("cast back inside", forced, x[:400], grad=lambda x: 2 * x, verdict="CORRECT or UNDECIDED"),
    wrong("as it is, twice too large", f, x[:200], grad=lambda x: 4 * x, precision="as-is"),
]
