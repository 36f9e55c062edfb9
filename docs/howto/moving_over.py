"""A suite that used SciPy's checker: one import is another."""

import numpy as np
from scipy import optimize

from gradcheck.compat.scipy import check_grad


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def gradient(x):
    g = np.zeros_like(x)
    g[:-1] = -400 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2 * (1 - x[:-1])
    g[1:] += 200 * (x[1:] - x[:-1] ** 2)
    return g


def slightly_wrong(x):
    return gradient(x) * (1, 1, 1 + 2e-6, 1)


x = np.array([1.2, 1.0, 0.8, 1.1])
for name, grad in {"right": gradient, "wrong": slightly_wrong}.items():
    print(f"{name}: SciPy {optimize.check_grad(rosenbrock, grad, x):.0e}; here {check_grad(rosenbrock, grad, x)!r}")
