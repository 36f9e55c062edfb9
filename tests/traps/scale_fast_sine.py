"""Is a fast oscillation told from noise where the claim is as steep as it?

sin(1e9 x) is sampled at random by every usual step, and looks like noise that goes nowhere; a step at which the claim
would be seen, 1e-9, shows a sine. Where a claim is too steep for any step nothing is known.
"""

import numpy as np

from traps import neither, normal, right, wrong

x = normal(3)


def sine(k):
    return lambda x: np.sum(np.sin(k * x)), lambda x: k * np.cos(k * x)


def noisy(x):
    return float(np.random.default_rng([*np.asarray(x).view(np.uint32)]).standard_normal())


(f7, df7), (f9, df9), (f12, df12), (f14, df14), (f16, df16) = (sine(k) for k in (1e7, 1e9, 1e12, 1e14, 1e16))
TIMES = np.array([1, 1.1, 1])

CASES = [
    right("1e7 times x", f7, x, grad=df7),
    right("1e9 times x", f9, x, grad=df9),
    right("one entry", f9, x[:1], grad=df9),
    right("1e12 times x", f12, x, grad=df12, verdict="CORRECT or UNDECIDED"),
    wrong("1e9 times x, a tenth off", f9, x, grad=lambda x: df9(x) * TIMES, named=("x[1]",)),
    wrong("1e9 times x, twice", f9, x[:1], grad=lambda x: 2 * df9(x), named=("x[0]",)),
    wrong("1e9 times x, the cosine alone", f9, x, grad=lambda x: df9(x) / 1e9, verdict="WRONG or UNDECIDED"),
    wrong("noise that has no slope", noisy, x, grad=lambda x: 1e30 * x),
    neither("1e14 times x", f14, x, grad=df14, verdict="UNDECIDED"),
    neither("1e16 times x", f16, x, grad=df16, verdict="UNDECIDED or WRONG or BROKEN"),
]
