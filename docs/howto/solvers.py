"""A problem of Ipopt, and a function of NLopt."""

import numpy as np

from gradcheck import check_gradients


class Problem:
    def objective(self, x):
        return x[0] * x[1]

    def gradient(self, x):
        return np.array([x[1], x[0]])

    def constraints(self, x):
        return np.array([x @ x])

    def jacobian(self, x):
        return 2 * x

    def hessian(self, x, lagrange, obj_factor):
        return np.array([lagrange[0], obj_factor, 2 * lagrange[0]])  # the lower triangle; 2 lagrange[0] first


def filling(x, grad):
    if grad.size:
        grad[:] = 2 * x
    return x @ x


x = np.array([0.3, 0.4])
report = check_gradients(Problem(), x)
print([entry.name for entry in report.wrong], report.tensors["J"].verdict)
print(check_gradients(filling, x).verdict)
