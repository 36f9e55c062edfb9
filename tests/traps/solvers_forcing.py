"""Is an inexact Newton method judged by what it leaves, and not by its forcing term, which is called a tolerance too?

Each step is solved for only as well as it is worth, to a `tol` that falls from step to step, and the method stops at a
residual of 1e-5. A term that begins at 1e-1 says nothing of that.
"""

import numpy as np

from traps import normal, right, wrong

A, v, x = 3 * np.eye(4) + 0.3 * normal(4, 4, seed=1), normal(4, seed=2), normal(4, seed=3)


def residual(z, x):
    return A @ z + np.tanh(z) - x


def solved(matrix, b, tol):
    """Solve matrix z = b to a relative residual, by Jacobi's iteration."""
    z = np.zeros_like(b)
    while np.linalg.norm(b - matrix @ z) > tol * np.linalg.norm(b):
        z = z + (b - matrix @ z) / np.diag(matrix)
    return z


def newton(x, to=1e-5):
    z, tol = np.zeros_like(x), 0.1
    before = off = np.linalg.norm(residual(z, x))
    while off > to:
        z = z - solved(A + np.diag(1 - np.tanh(z) ** 2), residual(z, x), tol=tol)
        before, off = off, np.linalg.norm(residual(z, x))
        tol = min(0.1, 0.5 * (off / before) ** 1.5)
    return z


def f(x):
    return v @ newton(x)


def adjoint(x):
    z = newton(x, to=1e-13)
    return np.linalg.solve(A.T + np.diag(1 - np.tanh(z) ** 2), v)


CASES = [
    wrong("5 % off", f, x, grad=lambda x: 1.05 * adjoint(x)),
    wrong("3 % off in one entry", f, x, grad=lambda x: adjoint(x) * [1, 1.03, 1, 1]),
    right("its adjoint", f, x, grad=adjoint, verdict="CORRECT or UNDECIDED"),
]
