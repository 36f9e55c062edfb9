"""Is a slope that is finite, and reached so slowly that no step shows it, left undecided or taken for another?

The slopes of |x|^1.1 at 0 are the step to the power of 0.1: at the smallest steps there are still a twentieth of those
at the largest. They fall by one ratio from rung to rung, which tells where they fall to.
"""

import numpy as np

from traps import right, wrong

zeros, some = np.zeros(5), np.array([0.0, 0.5, -1.2])


def power(p):
    return lambda x: np.sum(np.abs(x) ** p), lambda x: p * np.sign(x) * np.abs(x) ** (p - 1)


(f11, df11), (f13, df13) = power(1.1), power(1.3)

CASES = [
    right("x^1.1 at 0", lambda x: np.sum(x**1.1), zeros, grad=lambda x: 1.1 * x**0.1),
    right("x^1.1 of one number", lambda x: np.sum(x**1.1), zeros[:1], grad=lambda x: 1.1 * x**0.1),
    right("|x|^1.1 at 0", f11, zeros, grad=df11),
    right("|x|^1.1 where one of three is 0", f11, some, grad=df11),
    right("|x|^1.3 under an offset", lambda x: 1 + f13(x), zeros[:2], grad=df13),
    right("|x|^1.1 and 3x", lambda x: f11(x) + 3 * x.sum(), zeros[:2], grad=lambda x: df11(x) + 3),
    right("each by itself", lambda x: np.abs(x) ** 1.1, zeros[:2], vjp=lambda x, u: u * df11(x)),
    wrong("|x|^1.1 and 3x, 1 % off", lambda x: f11(x) + 3 * x.sum(), zeros[:2], grad=lambda x: df11(x) + 3.03),
    wrong("|x|^1.1, 0.01 at 0", f11, zeros, grad=lambda x: np.where(x == 0, 0.01, df11(x))),
]
