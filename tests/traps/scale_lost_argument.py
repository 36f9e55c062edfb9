"""Is a claim right that its own rounding could have made anything?

The cosine of e^(x^2) at 7 is that of a number near 1e21, of which not one digit before the point is known. Slopes are
as if drawn at random, and so are claims: they change by all of themselves with the last digit of x. Nothing is known,
and a claim with the wrong sign is no more right than the other.
"""

import numpy as np

from traps import neither, normal, times, wrong

X, W = 7 + normal(6, seed=7), normal(6, 6, seed=3)


def scores(x):
    return np.cos(np.exp(x**2)) @ W


def cost(x):
    z = scores(x)
    return float(np.log(np.sum(np.exp(z - z[0]))))


def slope(x):
    z = scores(x)
    p = np.exp(z) / np.sum(np.exp(z)) - (np.arange(6) == 0)
    return -(W @ p) * np.sin(np.exp(x**2)) * np.exp(x**2) * 2 * x


CASES = [
    neither("as it should be", cost, X, grad=slope, verdict="UNDECIDED"),
    wrong("without its sign", cost, X, grad=times(-1, slope), verdict="WRONG or UNDECIDED"),
    wrong("1 % off", cost, X, grad=times(1.01, slope), verdict="WRONG or UNDECIDED"),
]
