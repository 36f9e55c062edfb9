"""The adjoint of an ordinary differential equation, solved by SciPy."""

import numpy as np
from scipy.integrate import solve_ivp

from gradcheck import check_gradients

SPAN, X0, TARGET = (0, 3), np.array([1.0, 0.5]), np.array([0.8, 0.6])


def solved(f, x0, span):
    return solve_ivp(f, span, x0, rtol=1e-9, atol=1e-11, dense_output=True)


def trajectory(p):  # predators and prey
    a, b, c, d = p
    return solved(lambda t, x: [x[0] * (a - b * x[1]), x[1] * (c * x[0] - d)], X0, SPAN)


def cost(p):
    return 0.5 * np.sum((trajectory(p).y[:, -1] - TARGET) ** 2)


def adjoint(p):
    a, b, c, d = p
    forward = trajectory(p)

    def backward(t, w):
        x = forward.sol(t)
        fx = np.array([[a - b * x[1], -b * x[0]], [c * x[1], c * x[0] - d]])
        fp = np.array([[x[0], -x[0] * x[1], 0, 0], [0, 0, x[0] * x[1], x[1]]])  # the last is -x[1]
        return np.concatenate([-fx.T @ w[:2], -fp.T @ w[:2]])

    w = np.concatenate([forward.y[:, -1] - TARGET, np.zeros(4)])
    return solved(backward, w, SPAN[::-1]).y[2:, -1]


report = check_gradients(cost, np.array([1.0, 0.8, 0.9, 0.7]), grad=adjoint, names=["a", "b", "c", "d"])
print(*report.diagnosis)
print(*[f"{t.name} {t.verdict.name}: {t.note}" for t in report.tensors.values() if t.note], sep="\n")
