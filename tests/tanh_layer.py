"""A layer of tanh and its gradient, right and wrong, for those who test how a call is answered."""

from __future__ import annotations

import numpy as np

from gradcheck import (
    Verdict,
    check_gradients,
)

RNG = np.random.default_rng(0)


X = RNG.normal(size=(5, 3))


POINT = {"W": RNG.normal(size=(3, 2)), "b": RNG.normal(size=2)}


def f(p):
    return float(np.sum(np.tanh(X @ p["W"] + p["b"])))


def df(p):
    d = 1 - np.tanh(X @ p["W"] + p["b"]) ** 2
    return {"W": X.T @ d, "b": d.sum(axis=0)}


def times(**factors):
    """Return the gradient with some of its tensors multiplied."""
    return lambda p: {k: g * factors.get(k, 1) for k, g in df(p).items()}


def noisy(size):
    """Return the sum of squares of x with noise that is the same at every call of the same point."""
    return lambda x: float(x @ x) + size * float(np.random.default_rng(list(x.tobytes())).standard_normal())


SIX = {
    Verdict.WRONG: lambda: check_gradients(f, POINT, grad=times(W=1.001)),
    Verdict.CORRECT: lambda: check_gradients(f, POINT, grad=df),
    Verdict.KINK: lambda: check_gradients(
        lambda x: float(np.abs(x).sum()), np.array([1.0, 0.0, -2.0]), grad=np.sign, neighbours=0
    ),
    Verdict.UNDECIDED: lambda: check_gradients(noisy(3.0), np.array([1.0, 2.0]), grad=lambda x: 2 * x, neighbours=0),
    Verdict.UNTESTED: lambda: check_gradients(lambda _: 1.0, X, grad=np.zeros_like),
    Verdict.BROKEN: lambda: check_gradients(lambda _: np.nan, X, grad=np.ones_like),
}


COLUMNS = ("flat", "claims", "estimates", "uncertainties", "lefts", "rights", "codes")


def columns(report):
    """Return all that was measured, bit for bit."""
    return {
        name: [getattr(t, column).tobytes() for column in COLUMNS] + [t.rungs, t.places, t.means, t.note]
        for name, t in report.tensors.items()
    }
