"""Is 1 / (n - 1) told from 1 / n?

The gradient of the variance of 2,048 numbers is 2 (x - mean) / n; with n - 1 it is 0.05 % too large throughout.
"""

import numpy as np

from traps import normal, right, wrong

x = normal(2048)

CASES = [
    right("biased", np.var, x, grad=lambda x: 2 * (x - x.mean()) / x.size),
    wrong("unbiased", np.var, x, grad=lambda x: 2 * (x - x.mean()) / (x.size - 1)),
    right("both unbiased", lambda x: np.var(x, ddof=1), x, grad=lambda x: 2 * (x - x.mean()) / (x.size - 1)),
]
