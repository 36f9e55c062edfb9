"""The discrete adjoint of a heat equation: a misfit by the initial temperature and by the conductivity.

u_t = (k u_x)_x on a rod, Crank-Nicolson in time, the ends held at zero. The misfit compares the temperatures at the end
with measured ones. The gradient with respect to the initial temperature u and to the conductivity k of each cell
comes from one sweep back in time. The first version of that sweep uses the states one step too late.
"""

import numpy as np

from gradcheck import check_gradients

N, STEPS, DT = 20, 15, 2e-3
DX = 1 / (N + 1)
x = np.linspace(DX, 1 - DX, N)
D = (np.eye(N + 1, N) - np.eye(N + 1, N, -1)) / DX  # from nodes to the cells between them
measured = np.exp(-50 * (x - 0.6) ** 2) / 2


def matrices(k):
    A = D.T @ (k[:, None] * D)  # - (k u_x)_x
    return np.eye(N) + DT / 2 * A, np.eye(N) - DT / 2 * A


def states(p):
    left, right = matrices(p["k"])
    us = [p["u"]]
    for _ in range(STEPS):
        us.append(np.linalg.solve(left, right @ us[-1]))
    return us


def misfit(p):
    return 0.5 * DX * np.sum((states(p)[-1] - measured) ** 2)


def gradient(p, shift=0):
    left, right = matrices(p["k"])
    us = states(p)
    adjoint, dk = DX * (us[-1] - measured), np.zeros_like(p["k"])
    for n in reversed(range(STEPS)):
        w = np.linalg.solve(left.T, adjoint)
        before, after = us[min(n + shift, STEPS)], us[min(n + 1 + shift, STEPS)]
        dk -= DT / 2 * (D @ w) * (D @ (before + after))
        adjoint = right.T @ w
    return {"u": adjoint, "k": dk}


point = {"u": np.sin(np.pi * x), "k": 1 + 0.5 * np.sin(7 * np.linspace(0, 1, N + 1))}
print(check_gradients(misfit, point, grad=lambda p: gradient(p, shift=1)))
print(check_gradients(misfit, point, grad=gradient))
