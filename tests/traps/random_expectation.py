"""Is a claim that is right on average left undecided, and one that no draw explains found?

f is a mean over numbers that each call draws from a generator that is put back. Its pathwise gradient is a derivative;
the gradient of the expectation and the estimate by the score function are right on average alone, and no single draw
tells them from wrong ones.
"""

import numpy as np

from traps import right, times, wrong

theta = np.array([0.5, 1.3])
rng = np.random.default_rng(11)


def draws():
    return rng.standard_normal(400)


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


def expectation(theta):
    return 2 * theta


def reward(p):
    return np.mean(3.0 * (rng.random(400) < 1 / (1 + np.exp(-p[0]))))


def reinforce(p):
    q = 1 / (1 + np.exp(-p[0]))
    a = rng.random(400) < q
    return np.array([np.mean(3.0 * a * (a - q))])


def forgets_the_spread(theta):
    z = draws()
    return np.array([np.mean(2 * (theta[0] + theta[1] * z)), 0.0])


LEFT_OPEN = "UNDECIDED"
CASES = [
    right("pathwise", f, theta, grad=pathwise),
    right("by the score function", f, theta, grad=score, verdict=LEFT_OPEN),
    right("of the expectation", f, theta, grad=expectation, verdict=LEFT_OPEN),
    right("by the score function, of a discrete choice", reward, np.array([0.3]), grad=reinforce, verdict=LEFT_OPEN),
    wrong("pathwise, 1 % off", f, theta, grad=times(1.01, pathwise)),
    wrong("twice the score function", f, theta, grad=times(2.0, score)),
    wrong("the score function with the other sign", f, theta, grad=times(-1.0, score)),
    wrong("half the expectation's", f, theta, grad=times(0.5, expectation)),
    wrong("a term forgotten", f, theta, grad=forgets_the_spread, named=("theta[1]",)),
    wrong("a discrete choice with the other sign", reward, np.array([0.3]), grad=times(-1.0, reinforce)),
]
