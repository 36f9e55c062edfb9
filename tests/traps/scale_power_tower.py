"""Is x^x differentiated in base and exponent?

d x^x = x^x (log x + 1): the classic mistakes are x x^(x - 1), which forgets the exponent, and x^x log x, which forgets
the base.
"""

import numpy as np

from traps import right, wrong

x = np.array([0.1, 1.0, 2.5, 20.0])


def f(x):
    return np.sum(np.log1p(x**x))


def inner(x):
    return 1 / (1 + x**x)


CASES = [
    right("base and exponent", f, x, grad=lambda x: inner(x) * x**x * (np.log(x) + 1)),
    wrong("the exponent forgotten", f, x, grad=lambda x: inner(x) * x * x ** (x - 1)),
    wrong("the base forgotten", f, x, grad=lambda x: inner(x) * x**x * np.log(x)),
    right(
        "from 0.3 to 1e26 in one sum",
        lambda x: np.sum(x**x),
        x,
        grad=lambda x: x**x * (np.log(x) + 1),
        verdict="CORRECT or UNDECIDED",
    ),
]
