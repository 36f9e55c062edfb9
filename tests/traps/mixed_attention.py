"""Is attention judged whose softmax is computed in bfloat16, in the middle of float64?

All that queries and keys do passes through numbers of eight binary digits: at small steps f stands still, and further
away it jumps. Their slopes are right or wrong within what the jumps leave, not wrong because nothing moves; a bias of
the keys, which moves nothing at all, has what rounding leaves.
"""

import numpy as np

from traps import normal, right, wrong


def brain(x):
    """Round to eight binary digits."""
    mantissa, exponent = np.frexp(x)
    return np.ldexp(np.round(mantissa * 256) / 256, exponent)


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def attention(seed, factor=1.0):
    """Return f of the matrix of the keys, its slope times a factor, and the matrix."""
    q, x, v, u = (normal(2, 3, seed=4 * seed + n) for n in range(4))

    def weights(w, rounded):
        return rounded(softmax(rounded(q @ (x @ w).T / 3**0.5)))

    def f(w):
        return np.sum(u * (weights(w, brain) @ v))

    def df(w):
        a, da = weights(w, lambda z: z), u @ v.T
        dz = a * (da - np.sum(da * a, axis=1, keepdims=True))
        return factor * x.T @ dz.T @ q / 3**0.5

    return f, df, normal(3, 3, seed=seed) / 3**0.5


def keys(judged, seed, **keywords):
    name = f"the keys ({seed})" if judged is right else f"the keys, of the other sign ({seed})"
    f, df, w = attention(seed, 1.0 if judged is right else -1.0)
    return judged(name, f, w, grad=df, **keywords)


CASES = [
    *(keys(right, seed, verdict="CORRECT or UNDECIDED") for seed in range(4)),
    *(keys(wrong, seed, verdict="WRONG or UNDECIDED") for seed in range(2)),
]
