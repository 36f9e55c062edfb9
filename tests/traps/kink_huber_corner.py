"""Is Huber's corner seen as smooth, which it is?

x^2 / 2 up to 1, |x| - 1/2 beyond: value and slope are continuous, the curvature is not. Extrapolation to step 0 must
not rely on the curvature.
"""

import numpy as np

from traps import right, times, wrong

x = np.array([1.0, 0.3, 2.0])


def f(x):
    return np.sum(np.where(np.abs(x) <= 1, 0.5 * x * x, np.abs(x) - 0.5))


def df(x):
    return np.clip(x, -1, 1)


CASES = [
    right("the clip", f, x, grad=df),
    wrong("1 % too large", f, x, grad=times(1.01, df)),
    wrong("not clipped", f, x, grad=lambda x: x, named=("x[2]",)),
]
