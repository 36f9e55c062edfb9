"""Is a right adjoint of a solver that stops at a hundredth judged within what the solver leaves?

The slope of the steps taken is another than that of the solution, by as much as the solver leaves: more than 5 % of
some entries. That it iterates is seen from the steps that it takes elsewhere, or from the tolerance that it is told; a
factor of two, a sign and a missing entry are no solver's.
"""

import numpy as np

from traps import normal, right, times, wrong


def diagonal_of(seed, tol):
    """Return c^T A^-1 b of the diagonal of A, by conjugate gradients to a tolerance, its slope, and a point."""
    half, b, c = normal(6, 6, seed=seed), normal(6, seed=seed + 10), normal(6, seed=seed + 20)
    rest = half @ half.T + 6 * np.eye(6)

    def solve(a, rhs):
        x, r = np.zeros_like(rhs), rhs
        p, rr = r, r @ r
        while np.sqrt(rr) > tol * np.linalg.norm(rhs):
            ap = a @ p
            x, r = x + rr / (p @ ap) * p, r - rr / (p @ ap) * ap
            rr, before = r @ r, rr
            p = r + rr / before * p
        return x

    def f(t):
        return c @ solve(rest + np.diag(t), b)

    def df(t):
        a = rest + np.diag(t)
        return -solve(a, b) * solve(a, c)

    return f, np.abs(normal(6, seed=seed + 30)) + 0.5, df


def without(k, df):
    return lambda t: df(t) * (np.arange(6) != k)


def solved(judged, name, seed, tol, change=lambda df: df, **keywords):
    f, t, df = diagonal_of(seed, tol)
    return judged(f"{name}, to {tol:g} ({seed})", f, t, grad=change(df), **keywords)


EITHER = {"verdict": "CORRECT or UNDECIDED"}

CASES = [
    *(solved(right, "conjugate gradients", seed, tol, **EITHER) for tol in (1e-2, 1e-3) for seed in range(5)),
    *(solved(wrong, "twice", seed, 1e-2, lambda df: times(2.0, df)) for seed in range(3)),
    *(solved(wrong, "the other sign", seed, 1e-2, lambda df: times(-1.0, df)) for seed in range(3)),
    *(solved(wrong, "an entry left out", seed, 1e-2, lambda df: without(0, df)) for seed in range(3)),
]
