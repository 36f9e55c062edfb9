"""Is a one-sided slope taken where only one side exists?

x^1.5 at 0 has the derivative 0 from the right, and is nan to the left; arcsin and sqrt(1 - x) likewise end at 1. There
is something to say from one side alone.
"""

import numpy as np

from traps import neither, right, wrong

x = np.array([0.0, 1.0, 0.5])


def f(x):
    return np.sum(np.where(x >= 0, np.abs(x) ** 2.5, np.nan))


CASES = [
    right("x^2.5 at 0", f, x, grad=lambda x: 2.5 * x**1.5, verdict="CORRECT or UNDECIDED or UNTESTED"),
    wrong("x^2.5 at 0, 0.1 too large there", f, x, grad=lambda x: 2.5 * x**1.5 + 0.1 * (x == 0), named=("x[0]",)),
    neither(
        "sqrt at 0: infinite",
        lambda x: np.sum(np.sqrt(x)),
        x,
        grad=lambda x: 0.5 / np.sqrt(x + (x == 0)),
        verdict="WRONG or BROKEN or UNDECIDED",
    ),
]
