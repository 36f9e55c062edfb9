"""Is the right adjoint of an iteration that stops early judged within what the iteration leaves, and no further?

Conjugate gradients, a fixed point of six numbers and a Runge-Kutta integration with adaptive steps are smooth where the
number of their iterations stays the same, and their slope there is not that of the solution. What they leave is seen
from the jumps beside the point.
"""

import numpy as np

from traps import normal, right, times, wrong

A = normal(12, 12)
A = A @ A.T + 4 * np.eye(12)
c, b, M, x = normal(12, seed=1), normal(12, seed=2), 0.2 * normal(6, 6, seed=3), normal(6, seed=4)


def conjugate(tolerance):
    def solved(b):
        y, r = np.zeros(12), b.copy()
        p, rr = r, r @ r
        while np.sqrt(rr) > tolerance * np.linalg.norm(b):
            step = rr / (p @ A @ p)
            y, r = y + step * p, r - step * (A @ p)
            p, rr = r + (r @ r) / rr * p, r @ r
        return c @ y

    return solved


def adjoint(_):
    return np.linalg.solve(A, c)


def equilibrium(tolerance):
    def z(x):
        z, before = np.tanh(x), 0.0
        while np.linalg.norm(z - before) > tolerance:
            z, before = np.tanh(M @ z + x), z
        return z

    return z


def energy(x):
    return np.sum(equilibrium(1e-6)(x) ** 2)


def implicit(x):
    z = equilibrium(1e-14)(x)
    d = 1 - z**2
    return np.linalg.solve((np.eye(6) - d[:, None] * M).T, 2 * z) * d


CASES = [
    right("conjugate gradients to 1e-6", conjugate(1e-6), b, grad=adjoint),
    wrong("conjugate gradients to 1e-6, 1 % off", conjugate(1e-6), b, grad=times(1.01, adjoint)),
    wrong("conjugate gradients to 1e-6, the other sign", conjugate(1e-6), b, grad=times(-1.0, adjoint)),
    right("an equilibrium to 1e-6", energy, x, grad=implicit),
    wrong("an equilibrium to 1e-6, 1 % off", energy, x, grad=times(1.01, implicit)),
    wrong("an equilibrium to 1e-6, twice", energy, x, grad=times(2.0, implicit)),
]
