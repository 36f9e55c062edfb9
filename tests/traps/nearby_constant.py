"""Is a claim that is the same everywhere looked at where it is wrong?

A constant is right at zeros, whatever is missing in it; that of a sum of sizes is all ones where all are positive.
Nothing is legal at a kink, and right at a minimum, and wrong everywhere else.
Numbers that were computed for the given point, and are handed in as a function, are right there and speak of no other.
"""

import numpy as np

from traps import normal, right, wrong

zero, x, w = np.zeros(3), normal(4) + 3, normal(3, seed=1)
known = 3 * x**2


def cubes(x):
    return np.sum(x**3)


CASES = [
    wrong("ones, for a sum and a fourth power, at zero", lambda x: x.sum() + (x @ x) ** 2, zero, grad=np.ones_like),
    wrong("the linear part alone, at zero", lambda x: w @ x + x @ x, zero, grad=lambda x: w),
    wrong("a list, at zero", lambda x: x[0] + 2 * x[1] + np.sum(x**4), zero, grad=lambda x: [1.0, 2.0, 0.0]),
    wrong("nothing, at zero", lambda x: np.sum(x**3), zero, grad=np.zeros_like),
    wrong("ones, for the size of positive numbers", lambda x: np.sum(np.abs(x)), x, grad=np.ones_like),
    wrong("nothing, at the minimum", lambda x: np.sum(1 - np.cos(x)), zero, grad=np.zeros_like),
    wrong("nothing, for a norm at zero", np.linalg.norm, zero, grad=lambda x: 0 * x),
    right("of the argument", cubes, x, grad=lambda x: 3 * x**2),
    right("computed beforehand", cubes, x, grad=lambda _: known),
    right("typed for the point", lambda x: np.sum(x**2), np.array([1.0, 2, 3]), grad=lambda x: np.array([2.0, 4, 6])),
    right("of a linear function", lambda x: w @ x, zero, grad=lambda x: w),
    right("of a linear function, all ones", np.sum, x, grad=np.ones_like),
]
