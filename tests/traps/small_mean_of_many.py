"""Is a claim of zero refused where every entry matters by 2.5e-6?

The mean over 400,000 inputs has the gradient 1 / 400,000 everywhere: below most absolute tolerances.
"""

import numpy as np

from traps import normal, right, wrong

x = normal(400_000)

CASES = [
    right("1 / n", np.mean, x, grad=lambda x: np.full(x.shape, 1 / x.size)),
    wrong("zero", np.mean, x, grad=np.zeros_like),
]
