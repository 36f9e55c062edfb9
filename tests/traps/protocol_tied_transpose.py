"""Is an array that is a view of another perturbed on its own?

W and W.T given as two arguments share their memory: adding a step to an entry of one in place moves an entry of the
other, and the slope comes out as the sum of two.
"""

import numpy as np

from traps import normal, right, wrong

W = normal(3, 3)


def f(a, b):
    return np.sum(np.sin(a @ b))


def df(a, b):
    d = np.cos(a @ b)
    return d @ b.T, a.T @ d


def both(a, b):
    da, db = df(a, b)
    return da + db.T, db + da.T


CASES = [
    right("each its own", f, W, W.T, grad=df),
    right("the same array twice", f, W, W, grad=df),
    wrong("each the sum of both", f, W, W.T, grad=both),
]
