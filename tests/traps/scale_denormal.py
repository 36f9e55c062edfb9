"""Is anything known where numbers lose their digits?

Below 2.2e-308 the spacing of numbers is constant, 4.9e-324: an entry of 1e-310 has 14 digits, a loss of 1e-312 has 12.
"""

import numpy as np

from traps import normal, right, times, wrong

x, tiny = normal(3), np.array([1e-310, -2e-310])


def f(x):
    return 1e-310 * np.sum(np.sin(x))


def df(x):
    return 1e-310 * np.cos(x)


def steep(x):
    return np.sum(1e300 * x)


CASES = [
    right(
        "a denormal loss",
        f,
        x,
        grad=df,
        verdict="CORRECT or UNDECIDED",
    ),
    wrong("a denormal loss, 10 % off", f, x, grad=times(1.1, df)),
    right("denormal entries", steep, tiny, grad=lambda x: np.full(x.shape, 1e300), verdict="CORRECT or UNDECIDED"),
    wrong("denormal entries, 10 % off", steep, tiny, grad=lambda x: np.full(x.shape, 1.1e300)),
]
