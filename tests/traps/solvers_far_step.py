"""Is an iteration judged within what it leaves where no step more is near, as that of a linear one is far away?

Sweeps of Jacobi's method, each of which leaves a third, are as many wherever the right side is about as large; Newton's
method that takes only part of each step is smooth for so long that short ladders know its slope to ten digits.
"""

import numpy as np

from traps import right, times, wrong

RNG = np.random.default_rng(8)
A = RNG.standard_normal((12, 12)) / 12
A += np.diag(1.5 + np.abs(A).sum(axis=1))
B = 0.4 * RNG.standard_normal((12, 12)) / np.sqrt(12)
w = RNG.standard_normal(12)
b = RNG.standard_normal(12)


def swept(tolerance, most=None):
    """Return w . y, where sweeps of Jacobi's method solve A y = x to a tolerance, or so many are made."""
    diagonal = np.diag(A)

    def f(x):
        y, change, sweeps = np.zeros(12), np.inf, 0
        while change >= tolerance and sweeps != most:
            new = (x - (A @ y - diagonal * y)) / diagonal
            change, y, sweeps = np.abs(new - y).max(), new, sweeps + 1
        return float(w @ y)

    return f


def solved_slope(_):
    return np.linalg.solve(A.T, w)


def damped(x, tolerance=1e-4):
    """Return y where y + y^3 / 3 + B y = x, by seven tenths of Newton's steps."""
    y = np.zeros(12)
    while True:
        step = 0.7 * np.linalg.solve(np.diag(1 + y**2) + B, y + y**3 / 3 + B @ y - x)
        y = y - step
        if np.linalg.norm(step) < tolerance:
            return y


def damped_slope(x):
    return np.linalg.solve((np.diag(1 + damped(x, 1e-13) ** 2) + B).T, w)


def parted(f):
    """Return the same of three parts of its point, one after the other."""
    return lambda p: f(np.concatenate([p["first"], p["second"], p["third"]]))


def parts(x):
    return dict(zip(("first", "second", "third"), np.split(x, [3, 7]), strict=True))


def one_off(slope):
    return lambda x: slope(x) * np.where(np.arange(12) == 5, 1.1, 1.0)


def newton(x):
    return float(w @ damped(x))


OPEN = {"verdict": "CORRECT or UNDECIDED"}

CASES = [
    right("sweeps to 1e-3", swept(1e-3), b, grad=solved_slope, **OPEN),
    right("sweeps to 1e-5", swept(1e-5), b, grad=solved_slope, **OPEN),
    right("seven tenths of Newton's steps", newton, b, grad=damped_slope, **OPEN),
    right(
        "the same, of three tensors", parted(newton), parts(b), grad=lambda p: parts(parted(damped_slope)(p)), **OPEN
    ),
    wrong("sweeps to 1e-5, a tenth too large", swept(1e-5), b, grad=times(1.1, solved_slope)),
    wrong("sweeps to 1e-5, one slope a tenth too large", swept(1e-5), b, grad=one_off(solved_slope), named=("x[5]",)),
    wrong("seven tenths of Newton's steps, a tenth too large", newton, b, grad=times(1.1, damped_slope)),
    wrong("five sweeps, the slopes of the solution", swept(0.0, 5), b, grad=solved_slope),
]
