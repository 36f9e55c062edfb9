"""Is sorting differentiated as the permutation it is, and left alone at a tie?

d sum w sort(x) gives w back to the places the values came from: by the inverse permutation. At a tie each of the two
may get either weight.
"""

import numpy as np

from traps import neither, normal, right, wrong

x, w = normal(6), np.array([0.5, -1.0, 2.0, 3.0, -2.0, 0.1])
tied = np.array([1.0, 0.3, 1.0, -2.0, 0.0, 5.0])


def f(x):
    return np.sum(w * np.sort(x))


def inverse(x):
    g = np.empty_like(w)
    g[np.argsort(x, kind="stable")] = w
    return g


CASES = [
    right("the inverse permutation", f, x, grad=inverse),
    wrong("the permutation itself", f, x, grad=lambda x: w[np.argsort(x)]),
    neither("a tie", f, tied, grad=inverse),
    wrong("a tie, a weight of neither", f, tied, grad=lambda x: inverse(x) + 10 * (np.arange(6) == 0), named=("x[0]",)),
]
