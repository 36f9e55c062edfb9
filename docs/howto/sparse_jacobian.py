"""A chain of a thousand masses, and its tridiagonal Jacobian."""

import numpy as np

from gradcheck import check_gradients

N = 1000


def chain(x):
    y = 2 * np.sin(x)
    y[1:] += x[:-1] ** 2
    y[500] += x[3] / 10  # of which the pattern knows nothing
    return y


def jacobian(x):
    k = np.arange(N)
    return np.r_[k, k[1:]], np.r_[k, k[:-1]], np.r_[2 * np.cos(x), 2 * x[:-1]]


report = check_gradients(chain, np.linspace(0, 3, N), jac=jacobian)
print(report.tensors["J"].means)
print(report.diagnosis[0])
