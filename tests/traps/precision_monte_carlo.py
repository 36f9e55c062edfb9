"""Is an average over pinned random numbers differentiated as what it is, a plain function?

f = mean (mu + sigma z)^2 over 1,000 draws of a fixed seed. The pathwise gradient is its derivative; the score-function
estimate has the right expectation, and is off by some per cent for these draws.
"""

import numpy as np

from traps import right, wrong

theta = np.array([0.5, 1.3])


def draws():
    return np.random.default_rng(7).standard_normal(1000)


def f(theta):
    return np.mean((theta[0] + theta[1] * draws()) ** 2)


def pathwise(theta):
    z = draws()
    y = theta[0] + theta[1] * z
    return np.array([np.mean(2 * y), np.mean(2 * y * z)])


def score(theta):
    z = draws()
    y = theta[0] + theta[1] * z
    return np.array([np.mean(y**2 * z), np.mean(y**2 * (z**2 - 1))]) / theta[1]


CASES = [
    right("pathwise", f, theta, grad=pathwise),
    wrong("by the score function", f, theta, grad=score, named=("theta[0]", "theta[1]")),
]
