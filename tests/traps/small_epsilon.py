"""Is an epsilon seen that the backward forgot?

A batch norm divides by sqrt(var + 1e-5), its backward by sqrt(var): five parts in a million, and it grows where the
variance is small.
"""

import numpy as np

from traps import normal, right, wrong

x = normal(8, 3)


def f(x):
    return (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5)


def back(eps):
    def pull(x, dy):
        s = 1 / np.sqrt(x.var(0) + eps)
        xhat = (x - x.mean(0)) * s
        return s * (dy - dy.mean(0) - xhat * (dy * xhat).mean(0))

    return pull


CASES = [
    right("in both", f, x, vjp=back(1e-5)),
    wrong("in the forward alone", f, x, vjp=back(0)),
    wrong("in the forward alone, at a small variance", f, 0.01 * x, vjp=back(0)),
]
