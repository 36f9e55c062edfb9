"""Is a gradient in float16 let pass?

Three digits: no finite difference in float16 itself is worth anything. Measured in float64 the formula can be judged
to the rounding of the claim.
"""

import numpy as np

from traps import normal, right, wrong

x = normal(20).astype(np.float16)


def f(x):
    return np.sum(np.tanh(x))


def df(x):
    return 1 - np.tanh(x) ** 2


CASES = [
    right("1 - tanh^2", f, x, grad=df),
    right("1 - tanh^2, as it is", f, x, grad=df, precision="as-is", verdict="CORRECT or UNDECIDED"),
    wrong("1 - tanh", f, x, grad=lambda x: 1 - np.tanh(x)),
    wrong("1 + tanh^2, as it is", f, x, grad=lambda x: 1 + np.tanh(x) ** 2, precision="as-is"),
]
