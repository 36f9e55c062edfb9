"""A cost of a field on a grid, whose gradient is that of L2."""

import numpy as np

from gradcheck import check_gradients

rng = np.random.default_rng(0)
M = np.diag(np.full(20, 0.05))  # the mass matrix
u, d = rng.standard_normal(20), rng.standard_normal(20)


def cost(u):
    return 0.05 * np.sum(np.cosh(u))


report = check_gradients(cost, u, grad=np.sinh, inner=M, along=d)
print(report.verdict, report.evaluations)
print("\n".join(report.notes[:6]))
