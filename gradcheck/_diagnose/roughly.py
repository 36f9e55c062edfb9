"""Does a layer agree with its gradient along a few directions? Then it is not what makes a whole wrong by far.

An entry shows in full along any direction. A step so short meets next to no kinks, and where rounding, or whatever
else, is in the way, the layer does not agree, and is checked in full.
"""

from __future__ import annotations

import numpy as np

from gradcheck._model.oracle import Array
from gradcheck._model.subject import Subject

WAYS = 2  # directions through each tensor
STEP = (
    1e-6  # of each entry's scale; central differences are off by 1e-12 of a slope, and by 1e-10 of f as it is rounded
)
CLOSE = 1e-6  # of all terms, that claim and slope may be apart


def agrees(subject: Subject) -> bool:
    """Return whether a function agrees with its gradient along random directions through each of its tensors."""
    try:
        subject = subject.settled()
        claims = subject.claims()
        rng = np.random.default_rng(0)
        return all(_along(subject, path, claims[path], rng) for path in claims for _ in range(WAYS))
    finally:
        subject.pins.restore()


def _along(subject: Subject, path: str, claim: Array, rng: np.random.Generator) -> bool:
    leaf = subject.leaves[path]
    if leaf.held is not None:
        return False
    drawn = rng.uniform(-1.0, 1.0, claim.size)
    move = ((drawn + np.copysign(1.0, drawn)) * leaf.spread).reshape(claim.shape)  # once to twice as far, up or down
    line = subject.direction({path: move})
    terms = claim.astype(np.float64) * move
    slope = (line(STEP)[1] - line(-STEP)[1]) / (2 * STEP)
    return bool(abs(slope - float(np.sum(terms))) <= CLOSE * float(np.sum(np.abs(terms))))
