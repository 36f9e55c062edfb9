"""Is a function in double precision whose every step is rounded to half of it accused of nothing it cannot be?

Emulated kernels round after each operation, each to stairs of its own width. At steps between two widths some of the
stairs move and the others stand still: several rungs agree upon a slope that is that of the few that move.
"""

import numpy as np

from traps import right, times, wrong


def half(a):
    return np.asarray(a, dtype=np.float16).astype(np.float64)


def table(n, *shape):
    """Return the point, and the weights of the outputs, of a seed."""
    rng = np.random.default_rng(n)
    return rng.normal(size=shape), rng.normal(size=shape)


def softmax(z, c):
    e = half(np.exp(half(z) - half(z).max(-1, keepdims=True)))
    return float((half(e / half(e.sum(-1, keepdims=True))) * c).sum())


def softmax_slope(z, c):
    p = np.exp(z - z.max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    return p * (c - (p * c).sum(-1, keepdims=True))


def normed(x, c):
    x = half(x)
    d = half(x - half(x.mean(-1, keepdims=True)))
    return float((half(d / np.sqrt(half((d * d).mean(-1, keepdims=True)) + 1e-5)) * c).sum())


def normed_slope(x, c):
    d = x - x.mean(-1, keepdims=True)
    inverse = 1 / np.sqrt((d * d).mean(-1, keepdims=True) + 1e-5)
    y = d * inverse
    return inverse * (c - c.mean(-1, keepdims=True) - y * (c * y).mean(-1, keepdims=True))


def of_layers(n):
    """Return a function of the first of two layers' weights, where they are, and its gradient."""
    rng = np.random.default_rng(n)
    W, V, x = rng.normal(size=(4, 5)) / 2, rng.normal(size=(5, 3)) / 2, rng.normal(size=(6, 4))

    def f(W):
        hidden = half(np.tanh(half(half(x) @ half(W))))
        return float((half(hidden @ half(V)) ** 2).mean())

    def slope(W):
        hidden = np.tanh(x @ W)
        return x.T @ (2 / 18 * hidden @ V @ V.T * (1 - hidden**2))

    return f, W, slope


def of(f, slope, n, *shape):
    """Return a function of its first argument alone, where that is, and its gradient."""
    x, c = table(n, *shape)
    return lambda x: f(x, c), x, lambda x: slope(x, c)


def asked(name, f, x, slope):
    """Return the right gradient and one that is a third off."""
    return (
        right(name, f, x, grad=slope, verdict="CORRECT or UNDECIDED"),
        wrong(f"{name}, a third off", f, x, grad=times(1.3, slope)),
    )


MADE = [
    *((f"softmax ({n})", *of(softmax, softmax_slope, n, 4, 5)) for n in (5, 9, 14, 18, 26, 32)),
    *((f"layer norm ({n})", *of(normed, normed_slope, n, 3, 8)) for n in (10, 37, 48)),
    ("two layers (35)", *of_layers(35)),
]
CASES = [trap for made in MADE for trap in asked(*made)]
