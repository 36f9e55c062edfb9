"""A sparse Jacobian for nonlinear least squares: a chain of positions seen from a few beacons.

Each residual knows two positions at most, so the Jacobian is sparse. Every entry is checked, columns that share no row
at once; one that the pattern forgets would be found as well. With the wrong Jacobian the solver of SciPy takes far more
evaluations, and ends elsewhere.
"""

import numpy as np
from scipy.optimize import least_squares
from scipy.sparse import csr_matrix

from gradcheck import check_gradients

rng = np.random.default_rng(0)
STEPS = 60
beacons = np.array([[0.0, 0.0], [10.0, 0.0], [5.0, 8.0]])
truth = np.column_stack([np.linspace(1, 9, STEPS), 2 + np.sin(np.linspace(0, 6, STEPS))])
which = np.arange(STEPS) % 3
ranges = np.linalg.norm(truth - beacons[which], axis=1) + 0.05 * rng.standard_normal(STEPS)
odometry = np.diff(truth, axis=0) + 0.02 * rng.standard_normal((STEPS - 1, 2))
k = np.arange(STEPS)


def residuals(x):
    p = x.reshape(STEPS, 2)
    seen = np.linalg.norm(p - beacons[which], axis=1) - ranges
    moved = np.diff(p, axis=0) - odometry
    return np.concatenate([seen / 0.05, moved.ravel() / 0.02])


def jacobian(x, *, scaled=True):
    p = x.reshape(STEPS, 2)
    d = p - beacons[which]
    unit = d / np.linalg.norm(d, axis=1, keepdims=True) / (0.05 if scaled else 1.0)
    m = np.arange(2 * (STEPS - 1))
    rows = np.concatenate([k, k, STEPS + m, STEPS + m])
    columns = np.concatenate([2 * k, 2 * k + 1, m, m + 2])
    values = np.concatenate([unit[:, 0], unit[:, 1], np.full(m.size, -1 / 0.02), np.full(m.size, 1 / 0.02)])
    return csr_matrix((values, (rows, columns)))


start = (truth + 0.5 * rng.standard_normal(truth.shape)).ravel()
for name, jac in {"weights forgotten": lambda x: jacobian(x, scaled=False), "right": jacobian}.items():
    report = check_gradients(residuals, start, jac=jac)
    fit = least_squares(residuals, start, jac=jac, max_nfev=100)
    print(f"{name}: the solver took {fit.nfev} evaluations to a cost of {fit.cost:.4g}")
    print(report)
