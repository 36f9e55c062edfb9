"""Is a solver that starts where the last call stopped named, and no gradient accused for it?

What it returns depends on the call before, by as much as its tolerance. Equal calls agree where it finds its solution
at once, and so the difference looks like noise of the function.
"""

import numpy as np

from traps import neither, wrong


class Newton:
    """Solve y^3 + y = a."""

    def __init__(self, tolerance, *, keeps=True):
        self.y, self.tolerance, self.keeps = 1.0, tolerance, keeps

    def solve(self, a):
        y = self.y if self.keeps else 1.0
        while abs(y**3 + y - a) > self.tolerance:
            y -= (y**3 + y - a) / (3 * y**2 + 1)
        self.y = y
        return y


def slope(a):
    return 1 / (3 * Newton(1e-14, keeps=False).solve(a) ** 2 + 1)


def halfway(a, kept=[0.0]):  # noqa: B006  what is kept
    for _ in range(3):
        kept[0] += 0.5 * (np.cos(kept[0] / 2) + a - kept[0])
    return kept[0]


OPEN = "UNDECIDED or BROKEN"
CASES = [
    neither("stops at 1e-2", Newton(1e-2).solve, 2.3, grad=slope, verdict=OPEN),
    neither("stops at 1e-6", Newton(1e-6).solve, 2.3, grad=slope, verdict=f"CORRECT or {OPEN}"),
    neither("three iterations", halfway, 2.3, grad=slope, verdict="BROKEN"),
    wrong("stops at 1e-10, 1 % off", Newton(1e-10).solve, 2.3, grad=lambda a: 1.01 * slope(a)),
    wrong("stops at 1e-2, twice", Newton(1e-2).solve, 2.3, grad=lambda a: 2 * slope(a)),
]
