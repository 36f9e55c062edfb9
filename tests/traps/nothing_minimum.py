"""Is a gradient undecided at the minimum, where it is zero but for rounding?

Whoever checks after an optimisation asks there: claim and slope are last digits, and say nothing of one another. What
neighbours say counts; a large number beside the function, which hides a gradient of its own, leaves it undecided.
"""

import numpy as np

from traps import normal, right, wrong


def least_squares(seed):
    A, b = normal(8, 4, seed=seed), normal(8, seed=seed + 50)
    return A, b, np.linalg.lstsq(A, b, rcond=None)[0]


def squares(judged, name, seed, change, **keywords):
    A, b, x = least_squares(seed)
    return judged(
        f"{name} ({seed})",
        lambda x: np.sum((A @ x - b) ** 2),
        x,
        grad=lambda x: change * (A.T @ (A @ x - b)),
        **keywords,
    )


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def valley(x):
    off = x[1:] - x[:-1] ** 2
    slope = np.zeros_like(x)
    slope[:-1] = -400 * x[:-1] * off - 2 * (1 - x[:-1])
    slope[1:] += 200 * off
    return slope


CASES = [
    *(squares(right, "least squares", seed, 2) for seed in range(6)),
    *(squares(wrong, "least squares, half", seed, 1) for seed in range(2)),
    right("Rosenbrock at its minimum", rosenbrock, np.ones(4), grad=valley),
    right(
        "under 1e15, undecided",
        lambda x: 1e15 + np.sum(np.sin(x)),
        np.array([0.3, 1.0]),
        grad=np.cos,
        verdict="UNDECIDED",
    ),
]
