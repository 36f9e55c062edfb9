"""Is an entry taken at its own scale where f is beyond its domain, or overflows, at the steps of its tensor?

Planck's law, of his constant, Boltzmann's, the speed of light, a temperature and a wavelength in one vector: a step of
any other's size takes the first two through zero, where the exponential is infinite and f jumps.
"""

import numpy as np

from traps import right, wrong

p = np.array([6.626e-34, 1.381e-23, 2.998e8, 5800.0, 5e-7])


def f(p):
    h, k, c, T, wave = p
    return 2 * h * c**2 / wave**5 / np.expm1(h * c / (wave * k * T))


def df(p):
    h, k, c, T, wave = p
    x = h * c / (wave * k * T)
    q = x * np.exp(x) / np.expm1(x)
    return f(p) * np.array([(1 - q) / h, q / k, (2 - q) / c, q / T, (q - 5) / wave])


def but(j):
    return lambda p: df(p) * np.where(np.arange(5) == j, 1.01, 1)


CASES = [
    right("radiation", f, p, grad=df),
    *(wrong(f"1 % off in entry {j}", f, p, grad=but(j), named=(f"p[{j}]",)) for j in range(5)),
]
