"""Is a gradient found that belongs to the first point it was ever asked about?

A cache that is filled once and never again: right at the first point, and the same at every other.
"""

import numpy as np

from traps import normal, right, wrong

x = normal(5)


class Cached:
    def __init__(self):
        self.known = {}

    def once(self, x):
        return self.known.setdefault("grad", 2 * x)

    def by_point(self, x):
        return self.known.setdefault(x.tobytes(), 2 * x)


CASES = [
    wrong("computed once", lambda x: np.sum(x * x), x, grad=Cached().once),
    right("once for each point", lambda x: np.sum(x * x), x, grad=Cached().by_point),
]
