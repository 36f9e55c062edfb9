"""Is a whole number left alone that the function needs as one?

An exponent, a length, an index: nothing is claimed for it, and no float may stand in its place. Zero is no claim either
where the function cannot be asked for anything between whole numbers.
"""

import numpy as np

from traps import normal, right, wrong

x = np.abs(normal(4)) + 0.5


def power(x, n):
    return np.sum(x**n)


def dpower(x, n):
    return n * x ** (n - 1)


def series(x, n):
    return sum(np.sum(x**k) for k in range(1, n))


def dseries(x, n):
    return sum(k * x ** (k - 1) for k in range(1, n))


def picked(x, n):
    return x[n] ** 2


def dpicked(x, n):
    return 2 * x * (np.arange(len(x)) == n)


CASES = [
    right("an exponent", power, x, 3, grad=dpower),
    right("an exponent, None", power, x, 3, grad=lambda x, n: (dpower(x, n), None)),
    right(
        "an exponent with its own derivative", power, x, 3, grad=lambda x, n: (dpower(x, n), np.sum(x**n * np.log(x)))
    ),
    right("a length", series, x, 4, grad=dseries),
    right("an index, zero", picked, x, 2, grad=lambda x, n: (dpicked(x, n), 0)),
    wrong("an exponent, one less", power, x, 3, grad=lambda x, n: dpower(x, n - 1)),
    wrong("its own derivative", power, x, 3, grad=lambda x, n: (dpower(x, n), np.sum(x**n)), named=("n",)),
    wrong("a length, one less", series, x, 4, grad=lambda x, n: dseries(x, n - 1)),
    wrong("the wrong index", picked, x, 2, grad=lambda x, n: (dpicked(x, 1), 0), named=("x[1]", "x[2]")),
]
