"""Is a product with a factor of zero differentiated without dividing by it?

d prod x = prod of the others. The short way, prod x / x, is nan at the zero, and 0 there if nan is swept away: the very
entry whose gradient is not zero.
"""

import numpy as np

from traps import right, wrong

x = np.array([2.0, 0.0, -3.0, 0.5])


def others(x):
    return np.array([np.prod(np.delete(x, k)) for k in range(x.size)])


def swept(x):
    return np.nan_to_num(np.prod(x) / x)


CASES = [
    right("the product of the others", np.prod, x, grad=others),
    wrong("prod / x", np.prod, x, grad=lambda x: np.prod(x) / x, named=("a[1]",)),
    wrong("prod / x, nan swept away", np.prod, x, grad=swept, named=("a[1]",)),
    wrong(
        "cumulative, prod / x",
        lambda x: np.sum(np.cumprod(x)),
        x,
        grad=lambda x: np.nan_to_num(np.cumsum(np.cumprod(x)[::-1])[::-1] / x),
    ),
]
