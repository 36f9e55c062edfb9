"""Is a trace that f's last digits hide left out of the verdict, and nothing else?

In an entropy a concentration of 1e-12 beside 3e4 moves f by less than f is rounded to: nobody can say whether its
gradient is right. The others are known, and so is a trace of 1e-5.
"""

import numpy as np

from traps import right, wrong

x = np.array([1e-12, 1.0, 1e-5, 3e4])


def entropy(p):
    return np.sum(p * np.log(p))


def but(k, by):
    return lambda p: np.log(p) + 1 + by * (np.arange(p.size) == k)


def arrhenius(p):  # a prefactor, an energy, a temperature
    return p[0] * np.exp(-p[1] / (8.314 * p[2]))


def darrhenius(k, by=1.01):
    def gradient(p):
        u = p[1] / (8.314 * p[2])
        return arrhenius(p) * np.array([1, -u, u]) / p * np.where(np.arange(3) == k, by, 1)

    return gradient


RATES = np.array([1e13, 5e4, 500.0])
CASES = [
    right("an entropy with a trace", entropy, x, grad=but(0, 0.0)),
    right("Arrhenius", arrhenius, RATES, grad=darrhenius(2, 1)),
    wrong("the trace that is seen", entropy, x, grad=but(2, 1.0), named=("p[2]",)),
    wrong("the middle", entropy, x, grad=but(1, 1e-3), named=("p[1]",)),
    wrong("the trace that is not seen, by far", entropy, x, grad=but(0, 1e6), named=("p[0]",)),
    wrong("Arrhenius, the temperature", arrhenius, RATES, grad=darrhenius(2), named=("p[2]",)),
    wrong("Arrhenius, the energy", arrhenius, RATES, grad=darrhenius(1), named=("p[1]",)),
]
