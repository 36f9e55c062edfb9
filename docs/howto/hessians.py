"""Rosenbrock's function, with a Hessian that is wrong in one entry."""

import numpy as np

from gradcheck import check_gradients


def f(x):
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def gradient(x):
    return np.array([-400 * x[0] * (x[1] - x[0] ** 2) - 2 * (1 - x[0]), 200 * (x[1] - x[0] ** 2)])


def hessian(x):
    return np.array([[1200 * x[0] ** 2 - 400 * x[1] + 2, -200 * x[0]], [-400 * x[0], 200]])


report = check_gradients(f, np.array([-1.2, 1.0]), grad=gradient, hess=hessian)
print([entry.name for entry in report.wrong])
print(report.diagnosis[0])
