"""Does every entry of one vector get steps of its own, though some are constants of nature?

1e-27 beside 290, or 1.6e-19 beside 1.5: the steps of the others are the whole world to it, and what they show is sharp
by their measure and means nothing by its own.
"""

import numpy as np

from traps import right, wrong

MASS, TIMES = np.array([1.67e-27, 290.0]), np.array([1.01, 1.0])
CHARGE = np.array([1.6e-19, 1.5, 0.025])
GRAVITY = np.array([6.674e-11, 5.97e24, 7.35e22, 3.84e8])


def vapour(x):
    return np.log(x[0]) + np.sin(x[1] / 100)


def dvapour(x):
    return np.array([1 / x[0], np.cos(x[1] / 100) / 100])


def diode(x):
    return np.exp(x[0] * x[1] / (x[2] * 1.6e-19 * 20)) + x[1] ** 2


def ddiode(x):
    u = x[0] * x[1] / (x[2] * 1.6e-19 * 20)
    return np.exp(u) * u / x * [1, 1, -1] + np.array([0, 2 * x[1], 0])


def pull(x):
    return np.log(x[0] * x[1] * x[2] / x[3] ** 2)


def dpull(x):
    return np.array([1, 1, 1, -2]) / x


def but(gradient, k, by):
    return lambda x: gradient(x) * np.where(np.arange(x.size) == k, by, 1)


CASES = [
    right("a mass and a temperature", vapour, MASS, grad=dvapour),
    right("a charge and voltages", diode, CHARGE, grad=ddiode),
    right("Newton's constant and the earth", pull, GRAVITY, grad=dpull),
    right(
        "a mass, its root", lambda x: np.sqrt(x[0]) * 1e13 + x[1], MASS, grad=lambda x: [0.5e13 / np.sqrt(x[0]), 1.0]
    ),
    wrong("the mass, 1 %", vapour, MASS, grad=but(dvapour, 0, 1.01), named=("x[0]",)),
    wrong("the temperature, 1 %", vapour, MASS, grad=but(dvapour, 1, 1.01), named=("x[1]",)),
    wrong("the charge, its sign", diode, CHARGE, grad=but(ddiode, 0, -1), named=("x[0]",)),
    wrong("the charge, zero", diode, CHARGE, grad=but(ddiode, 0, 0), named=("x[0]",)),
    wrong("the second voltage, 1 %", diode, CHARGE, grad=but(ddiode, 2, 1.01), named=("x[2]",)),
    wrong("Newton's constant, twice", pull, GRAVITY, grad=but(dpull, 0, 2), named=("x[0]",)),
    wrong("the distance, its 2", pull, GRAVITY, grad=but(dpull, 3, 0.5), named=("x[3]",)),
]
