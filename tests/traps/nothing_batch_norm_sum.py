"""Is a batch norm tested by more than the sum of its outputs?

The outputs of a batch norm sum to zero whatever goes in, so under the loss sum(y) every gradient is zero, and a
backward that lacks its term with x-hat is as good as any. A random cotangent sees it.
"""

import numpy as np

from traps import normal, right, wrong

x = normal(6, 3)


def norm(x):
    return (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5)


def total(x):
    return np.sum(norm(x))


def back(*, full):
    def pull(x, dy):
        s = 1 / np.sqrt(x.var(0) + 1e-5)
        xhat = (x - x.mean(0)) * s
        return s * (dy - dy.mean(0) - (xhat * (dy * xhat).mean(0) if full else 0))

    return pull


CASES = [
    right("by its outputs", norm, x, vjp=back(full=True)),
    wrong("by its outputs, a term missing", norm, x, vjp=back(full=False)),
    right(
        "by their sum",
        total,
        x,
        grad=lambda x: back(full=True)(x, np.ones_like(x)),
        verdict="CORRECT or UNDECIDED or UNTESTED",
    ),
    wrong(
        "by their sum, a term missing",
        total,
        x,
        grad=lambda x: back(full=False)(x, np.ones_like(x)),
        verdict="WRONG or UNDECIDED or UNTESTED",
    ),
]
