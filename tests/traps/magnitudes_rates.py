"""Are rates of 1e13 and 1e-3, and concentrations of 1e-12 beside 1, each judged by their own size?

What moves f by as little as the others do counts as much, whatever its slope; neighbours move it by a part of itself.
"""

import numpy as np

from traps import right, wrong

RATES, CONCENTRATIONS = np.array([1e13, 1e-3, 2.5, 1e6]), np.array([1e-12, 1.0, 0.3])
TINY = np.r_[1e-27 * np.arange(1, 5), np.linspace(100, 290, 10)]


def reaction(x):  # a prefactor, an energy, a temperature, a concentration
    return x[0] * np.exp(-x[1] / (8.314 * x[2])) * x[3]


def dreaction(x):
    u = x[1] / (8.314 * x[2])
    return reaction(x) * np.array([1, -u, u, 1]) / x


def rates(k):
    return np.sum(np.log(k) ** 2)


def drates(k):
    return 2 * np.log(k) / k


def free(c):
    return np.sum(c * (np.log(c) - 1)) + np.sin(c[0] * 1e12)


def dfree(c):
    return np.log(c) + np.cos(c[0] * 1e12) * np.array([1e12, 0, 0])


def waves(x):
    return np.sum(np.sin(x[:4] * 1e27)) + np.sum(np.sin(x[4:] / 50))


def dwaves(x):
    return np.r_[np.cos(x[:4] * 1e27) * 1e27, np.cos(x[4:] / 50) / 50]


def but(gradient, k, by):
    return lambda x: gradient(x) * np.where(np.arange(x.size) == k, by, 1)


POINT = np.array([1e13, 1e5, 300.0, 1e-3])
CASES = [
    right("Arrhenius", reaction, POINT, grad=dreaction),
    right("logarithms of rates", rates, RATES, grad=drates),
    right("a trace", free, CONCENTRATIONS, grad=dfree),
    right("waves of two lengths", waves, TINY, grad=dwaves),
    wrong("Arrhenius, the prefactor", reaction, POINT, grad=but(dreaction, 0, 1.01), named=("x[0]",)),
    wrong("Arrhenius, kilojoules", reaction, POINT, grad=but(dreaction, 1, 1e3), named=("x[1]",)),
    wrong("the largest rate", rates, RATES, grad=but(drates, 0, 1.01), named=("k[0]",)),
    wrong("the smallest rate", rates, RATES, grad=but(drates, 1, 0.99), named=("k[1]",)),
    wrong("the trace", free, CONCENTRATIONS, grad=but(dfree, 0, 1.01), named=("c[0]",)),
    wrong("beside the trace", free, CONCENTRATIONS, grad=but(dfree, 2, 1.01), named=("c[2]",)),
    wrong("a short wave, 1 %", waves, TINY, grad=but(dwaves, 2, 1.01), named=("x[2]",)),
    wrong("a long wave, 1 %", waves, TINY, grad=but(dwaves, 9, 1.01), named=("x[9]",)),
]
