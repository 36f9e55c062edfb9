"""Is a gradient judged fairly where the function itself loses ten digits?

f = c' inv(H) b with the Hilbert matrix H of order 8, whose condition number is 1.5e10: rounding in the solution of the
linear system makes f a rough function of H.
"""

import numpy as np

from traps import normal, right, times, wrong

n = 8
H = 1 / (np.arange(n)[:, None] + np.arange(n) + 1)
b, c = normal(n), normal(n, seed=1)


def f(b):
    return c @ np.linalg.solve(H, b)


def df(b):
    return np.linalg.solve(H.T, c)


def g(H):
    return c @ np.linalg.solve(H, b)


def dg(H):
    return -np.outer(np.linalg.solve(H.T, c), np.linalg.solve(H, b))


CASES = [
    right("the right-hand side", f, b, grad=df, verdict="CORRECT or UNDECIDED"),
    wrong("the right-hand side, 10 % off", f, b, grad=times(1.1, df)),
    right(
        "the matrix",
        g,
        H,
        grad=dg,
        verdict="CORRECT or UNDECIDED",
    ),
    wrong("the matrix, 10 % off", g, H, grad=times(1.1, dg)),
]
