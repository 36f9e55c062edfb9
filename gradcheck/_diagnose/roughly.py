"""Which tensors of a layer disagree along a few directions? If none does, the layer does not explain a large error.

Every entry contributes in full along any direction. Such a short step meets hardly any kinks, and where rounding, or
anything else, interferes, the layer does not agree, and is checked in full.
"""

from __future__ import annotations

import numpy as np

from gradcheck._model.leaf import Leaf
from gradcheck._model.oracle import Array
from gradcheck._model.subject import Subject
from gradcheck._results.floating import DOUBLE

WAYS = 2  # directions through each tensor
STEP = (
    1e-6  # of each entry's scale; central differences are off by 1e-12 of a slope, and by 1e-10 of f as it is rounded
)
CLOSE = 1e-6  # of the length of all terms, that claim and slope may be apart
ROUNDINGS = 4.0  # of all terms, that adding them up may leave
HOLLOW = 1e-12  # of the longest terms of a layer: others that are no longer are what rounding leaves of zero
NOISES = 16.0  # roundings of f, that its slope along those may show


def disagreeing(subject: Subject) -> tuple[str, ...]:
    """Return the tensors that do not agree with their gradient along random directions through each."""
    try:
        subject = subject.settled()
        claims = subject.claims()
        rng = np.random.default_rng(0)
        lengths = {p: _length(c, subject.leaves[p]) for p, c in claims.items() if subject.leaves[p].held is None}
        hollow = HOLLOW * max(lengths.values(), default=0.0)
        slack = {p: NOISES * subject.rounding() / STEP * (length <= hollow) for p, length in lengths.items()}
        off = [p for p in claims if not all(_along(subject, p, claims[p], slack.get(p), rng) for _ in range(WAYS))]
        return tuple(subject.leaves[path].name for path in off)
    finally:
        subject.pins.restore()


def _length(claim: Array, leaf: Leaf) -> float:
    return float(np.linalg.norm(claim.astype(np.float64).ravel() * leaf.spread))


def _along(subject: Subject, path: str, claim: Array, slack: float | None, rng: np.random.Generator) -> bool:
    leaf = subject.leaves[path]
    if slack is None:
        return False
    drawn = rng.uniform(-1.0, 1.0, claim.size)
    move = ((drawn + np.copysign(1.0, drawn)) * leaf.spread).reshape(claim.shape)  # once to twice as far, up or down
    line = subject.direction({path: move})
    terms = claim.astype(np.float64) * move
    slope = (line(STEP)[1] - line(-STEP)[1]) / (2 * STEP)
    added = ROUNDINGS * DOUBLE * float(np.sum(np.abs(terms)))
    return bool(abs(slope - float(np.sum(terms))) <= CLOSE * float(np.linalg.norm(terms)) + added + slack)
