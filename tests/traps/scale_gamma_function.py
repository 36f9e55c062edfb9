"""Is the growth of a factorial followed?

Gamma(x) psi(x), with psi the digamma function (by its recurrence and its asymptotic series): from 0.01, beside a pole,
to 50, where Gamma is 6e62.
"""

import math

import numpy as np

from traps import right, times, wrong


def psi(x):
    shifted, total = x, 0.0
    while shifted < 10:
        total -= 1 / shifted
        shifted += 1
    r = 1 / shifted**2
    return (
        total
        + math.log(shifted)
        - 0.5 / shifted
        - r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r * (1 / 240 - r / 132))))
    )


def f(x):
    return math.gamma(x)


def df(x):
    return math.gamma(x) * psi(x)


CASES = [
    *(right(f"at {x:g}", f, x, grad=df) for x in (0.01, 0.5, 5.0, 50.0)),
    *(wrong(f"at {x:g}, 1e-4 off", f, x, grad=times(1.0001, df)) for x in (0.01, 50.0)),
    right(
        "its logarithm",
        lambda x: sum(map(math.lgamma, x)),
        np.array([0.1, 1.0, 30.0]),
        grad=lambda x: np.array([psi(v) for v in x]),
    ),
]
