"""Which derivative does the backward of a hidden layer take? A network of two layers, tested as a whole.

In a hand-written network f(X W + b) V neither the cotangent dY of its output nor its activation f is known. But all of
its gradients are linear in the same dY: those measured of W, b and V and, for a supposed mistake, that claimed
of W. There are more equations than unknowns, so a dY that satisfies all of them reveals both f and the mistake.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gradcheck._diagnose.activation import ACTIVATIONS, Activation, mistakes
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import MATRIX, Evidence, Floats
from gradcheck._diagnose.linear_pull import EQUATIONS, Solved, solve

OPERATIONS = 2e8  # operations of one least-squares fit
MOSTLY = 0.5  # share of the active weights of a unit that are off, at least, if its slope is


@dataclass(frozen=True)
class Supposed:
    """A reading of the tensors as two layers: Y = f(X W + b) V."""

    z: Floats  # X W + b (N, H)
    X: Floats  # (N, D)
    V: Floats  # (H, O)
    measured: tuple[Floats, Floats | None, Floats]  # of W, b and V
    words: str


def hidden(evidence: Evidence) -> Cause | None:
    """A mistake in the backward of the activation, or of the layer above, seen in the weights below."""
    if evidence.claim.ndim != MATRIX or evidence.kind == "input" or evidence.value is None or not evidence.whole:
        return None
    if not _by_units(evidence):
        return None
    with np.errstate(all="ignore"):
        for supposed in _readings(evidence):
            for activation in ACTIVATIONS:
                solved = _solved(supposed, activation)
                if solved is None:
                    continue
                for sentence, pull in _pulls(supposed, activation):
                    if solved.agrees(_weights(supposed.X, *pull), evidence.claim.ravel()):
                        return Cause(Slip.HIDDEN_LAYER, evidence.name, f"{sentence} ({supposed.words})")
    return None


def _by_units(evidence: Evidence) -> bool:
    """Whether most weights of the units of which any is wrong are wrong: a slope is that of all weights of a unit."""
    wrong = evidence.wrong[:, evidence.wrong.any(axis=0)]
    moving = ~evidence.still[:, evidence.wrong.any(axis=0)]
    return bool(np.count_nonzero(wrong) >= MOSTLY * np.count_nonzero(moving))


def _readings(evidence: Evidence) -> Iterator[Supposed]:
    estimates, values = evidence.context.estimates, evidence.context.values
    no_weights = {evidence.name, *evidence.context.inputs}
    weights = {name: V for name, V in values.items() if name not in no_weights and V.ndim == MATRIX}
    D, H = evidence.claim.shape
    for name, X in evidence.matrices(columns=D):
        for above, V in weights.items():
            for turned in (False, True):
                known = estimates.get(above)
                if known is None or np.isnan(known).any():
                    continue
                W2, dV = (V.T, known.T) if turned else (V, known)
                if W2.shape[0] != H or (turned and V.shape[0] == V.shape[1]):
                    continue
                for bias in [n for n, b in values.items() if b.shape == (H,)] or [""]:
                    b, db = (values[bias], estimates.get(bias)) if bias else (np.zeros(H), None)
                    if db is not None and np.isnan(db).any():
                        continue
                    z = X @ (evidence.value if evidence.value is not None else X[:0]) + b
                    words = (
                        f"in f({name} {evidence.name}{f' + {bias}' if bias else ''}) {above}{'.T' if turned else ''}"
                    )
                    yield Supposed(z, X, W2.astype(np.float64), (evidence.estimate, db, dV), words)


def _solved(s: Supposed, f: Activation) -> Solved | None:
    """Solve the equations of the measured gradients; None if there are too few, or too many, or they contradict."""
    dW, db, dV = s.measured
    unknowns, count = len(s.X) * s.V.shape[1], dW.size + dV.size + (0 if db is None else db.size)
    if count + dW.size < unknowns + EQUATIONS or count * unknowns**2 > OPERATIONS:
        return None
    slope, h = f.slope(s.z), f.f(s.z)
    if not (np.isfinite(slope).all() and np.isfinite(h).all()):
        return None
    blocks = [
        (_weights(s.X, slope, s.V), dW.ravel()),
        (np.einsum("nh,po->hpno", h, np.eye(s.V.shape[1])).reshape(dV.size, -1), dV.ravel()),
    ]
    if db is not None:
        blocks.append((np.einsum("nh,ho->hno", slope, s.V).reshape(db.size, -1), db))
    return solve(blocks)


def _weights(X: Floats, slope: Floats, V: Floats) -> Floats:
    """Return the matrix that makes the gradient of W of dY: X.T ((dY V.T) * slope)."""
    A: Floats = np.einsum("ni,nh,ho->ihno", X, slope, V).reshape(X.shape[1] * slope.shape[1], -1)
    return A


def _pulls(s: Supposed, f: Activation) -> Iterator[tuple[str, tuple[Floats, Floats]]]:
    for sentence, taken in mistakes(f, s.z):
        if np.isfinite(taken).all():
            yield sentence, (taken, s.V)
    if s.V.shape[0] == s.V.shape[1]:
        yield "the weights of the layer above where their transpose is meant", (f.slope(s.z), s.V.T)
