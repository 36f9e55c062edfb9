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


def twist(atoms):
    ab, bc, cd = np.diff(atoms, axis=0)
    m, n = np.cross(ab, bc), np.cross(bc, cd)
    return m @ n / np.linalg.norm(m) / np.linalg.norm(n), ab, bc, cd, m, n


def torsion(atoms):
    return 3 * (1 - twist(atoms)[0] ** 2)


def pull(atoms):
    c, ab, bc, cd, m, n = twist(atoms)
    a, b = np.linalg.norm(m), np.linalg.norm(n)
    by_m, by_n = (n / b - c * m / a) / a, (m / a - c * n / b) / b
    first, second, third = np.cross(bc, by_m), np.cross(by_m, ab) + np.cross(cd, by_n), np.cross(by_n, bc)
    return -6 * c * np.array([-first, first - second, second - third, third])


PLANAR = np.array([[-0.5, 1, 0], [0, 0, 0], [1.4, 0, 0], [1.9, -1, 0]])
TURNED = PLANAR @ np.linalg.qr(normal(3, 3))[0]  # so that no number of it is plain

CASES = [
    *(squares(right, "least squares", seed, 2) for seed in range(6)),
    *(squares(wrong, "least squares, half", seed, 1) for seed in range(2)),
    *(right(f"a torsion at rest, {n}", torsion, x, grad=pull) for n, x in (("in a plane", PLANAR), ("turned", TURNED))),
    wrong("a torsion at rest, half", torsion, TURNED, grad=lambda x: pull(x) / 2),
    wrong("a torsion at rest, and pulled", torsion, TURNED, grad=lambda x: pull(x) + 1e-9),
    right("Rosenbrock at its minimum", rosenbrock, np.ones(4), grad=valley),
    right(
        "under 1e15, undecided",
        lambda x: 1e15 + np.sum(np.sin(x)),
        np.array([0.3, 1.0]),
        grad=np.cos,
        verdict="UNDECIDED",
    ),
]
