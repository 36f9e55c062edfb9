"""Is a guarded division differentiated with its guard?

x / max(|x|, eps) is x / |x| for all but tiny x, and x / eps for those: the backward of the first applied to the second
is off by a projection.
"""

import numpy as np

from traps import normal, right, wrong

x, t, eps = normal(4), normal(4, seed=1), 1e-3


def f(x):
    return t @ x / max(np.linalg.norm(x), eps)


def projected(x):
    n = np.linalg.norm(x)
    return (t - x * (t @ x) / n**2) / max(n, eps)


def guarded(x):
    return projected(x) if np.linalg.norm(x) > eps else t / eps


CASES = [
    right("large", f, x, grad=guarded),
    right("tiny", f, 1e-5 * x, grad=guarded),
    wrong("tiny, the guard forgotten", f, 1e-5 * x, grad=projected),
    wrong("large, the projection forgotten", f, x, grad=lambda x: t / np.linalg.norm(x)),
]
