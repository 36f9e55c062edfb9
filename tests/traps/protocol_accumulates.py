"""Are gradients found that accumulate from call to call?

The first call is right, the second returns twice as much: a buffer that nobody sets to zero.
"""

import numpy as np

from traps import normal, wrong

x = normal(5)


class Accumulating:
    def __init__(self):
        self.total = np.zeros(5)

    def grad(self, x):
        self.total += 2 * x
        return self.total.copy()

    def alias(self, x):
        self.total += 2 * x
        return self.total


CASES = [
    wrong("copied", lambda x: np.sum(x * x), x, grad=Accumulating().grad, verdict="BROKEN or WRONG"),
    wrong("the buffer itself", lambda x: np.sum(x * x), x, grad=Accumulating().alias, verdict="BROKEN or WRONG"),
]
