"""Is a gradient projected where it should not be, or not projected where the function does it?

On a sphere, and wherever only the direction of a thing matters, the part of a gradient along the thing itself is taken
off; on orthogonal matrices the symmetric part of X.T G. The difference of claim and slope is then that part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import ENOUGH, MATRIX, Evidence, Floats


@dataclass(frozen=True)
class Part:
    """What may be taken off a gradient."""

    words: str
    of_slope: Floats
    of_claim: Floats
    along: int | None  # the axis of the vectors that are one by one taken for directions


def projected(evidence: Evidence) -> Cause | None:
    """The claim, or the slope, has nothing of a part that the other has, and all else is the same."""
    if evidence.value is None or not evidence.whole or evidence.claim.size < ENOUGH:
        return None
    for part in _parts(evidence.value, evidence.estimate, evidence.claim):
        if evidence.explained(evidence.estimate - part.of_slope, 2.0, least=ENOUGH):
            said = f"the measured gradient without {part.words}: projected, where the function is not confined to that"
            return Cause(Slip.PROJECTED, evidence.name, f"{said} set; if that is meant, leave it out with wrt=")
        if evidence.restored(evidence.claim - part.of_claim):
            return Cause(Slip.PROJECTED, evidence.name, _left_out(part, evidence))
    return None


def _left_out(part: Part, evidence: Evidence) -> str:
    point = "the input" if evidence.kind == "input" else evidence.name
    if part.along is None:
        return f"{part.words} is left in: the function does not depend on it; a projection is left out"
    return (
        f"what is missing along axis {part.along} is {point} times a constant: the function does not depend on its "
        f"length there, as behind a division by a norm; a sum over axis {part.along} times {point} is left out, or has "
        "a wrong factor"
    )


def _parts(x: Floats, e: Floats, c: Floats) -> Iterator[Part]:
    lone = 0 if x.ndim == 1 else None
    words = "its part along the point itself"
    yield Part(words, _along(x, e, None), _along(x, c, None), lone)
    if x.ndim == MATRIX:
        for axis, each in ((1, "row"), (0, "column")):
            if x.shape[axis] > 1:
                words = f"the part of each {each} along that {each} of the point"
                yield Part(words, _along(x, e, axis), _along(x, c, axis), axis)
        if x.shape[0] >= x.shape[1] > 1:
            yield Part("X sym(X.T G), X being the point, as on orthogonal matrices", _normal(x, e), _normal(x, c), None)


def _along(x: Floats, g: Floats, axis: int | None) -> Floats:
    square = np.sum(x * x, axis=axis, keepdims=True)
    part: Floats = x * np.sum(x * g, axis=axis, keepdims=True) / np.where(square > 0, square, 1.0)
    return part


def _normal(x: Floats, g: Floats) -> Floats:
    inner = x.T @ g
    return x @ (inner + inner.T) / 2
