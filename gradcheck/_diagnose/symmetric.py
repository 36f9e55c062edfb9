"""Is the gradient of a symmetric matrix symmetrised, doubled off the diagonal, or one triangle of it?

A function of a symmetric matrix may read all of it, or one triangle alone, as `eigvalsh` and `cholesky` do. Which it
does is measured: [i,j] and [j,i] are moved one by one. A textbook's gradient may assume another of these.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import ENOUGH, MATRIX, SEVERAL, Evidence, Floats

TWICE = 2.0  # what an uncertainty grows by at most
READS = "the function reads the {} triangle alone, as eigvalsh and cholesky do"
ONE_TRIANGLE = (
    f"{READS}: there the slope with respect to [{{}}] is zero, and that with respect to [{{}}] stands for both (i < j)"
)
PLACES = {"lower": ("i,j", "j,i"), "upper": ("j,i", "i,j")}  # the one that is not read, and the one that is
FOR_BOTH = "each of two symmetric entries counts for both, where each alone is meant"


def symmetrised(evidence: Evidence) -> Cause | None:
    """A square matrix, or a stack of them: the claim is made of the measured one and its transpose."""
    e = evidence.estimate
    if not evidence.whole or e.ndim < MATRIX or e.shape[-1] != e.shape[-2] or np.sum(evidence.wrong) < SEVERAL:
        return None
    triangle = _triangle(evidence)
    for sentence, prediction in _of_triangle(e, triangle) if triangle else _of_both(e):
        if evidence.explained(prediction, TWICE, least=ENOUGH):
            return Cause(Slip.SYMMETRISED, evidence.name, sentence)
    for sentence, right in _meant(evidence.claim):
        if evidence.restored(right):
            return Cause(Slip.SYMMETRISED, evidence.name, sentence)
    return None


def _triangle(evidence: Evidence) -> str:
    """Say which triangle the function reads, if it is one alone; "" if it is both."""
    still = np.abs(evidence.estimate) <= evidence.slack
    below = np.tril(np.ones(still.shape[-MATRIX:], dtype=np.bool_), k=-1)
    for name, other in (("lower", below.T), ("upper", below)):
        if still[..., other].all() and not still[..., other.T].all():
            return name
    return ""


def _of_triangle(e: Floats, triangle: str) -> Iterator[tuple[str, Floats]]:
    turned, diagonal = e.swapaxes(-1, -2), e * np.eye(*e.shape[-MATRIX:])
    read = ONE_TRIANGLE.format(triangle, *PLACES[triangle])
    yield f"the measured gradient, symmetrised: {read}", (e + turned) / 2
    yield f"the measured gradient and its transpose, added: {read}", e + turned
    yield f"the measured gradient in both triangles: {read}", e + turned - diagonal
    yield f"the measured gradient, transposed: {read}", turned


def _of_both(e: Floats) -> Iterator[tuple[str, Floats]]:
    turned, diagonal = e.swapaxes(-1, -2), e * np.eye(*e.shape[-MATRIX:])
    yield "the measured gradient, symmetrised: (G + G.T)/2 where G is meant", (e + turned) / 2
    yield "the measured gradient and its transpose, added: G + G.T where G is meant", e + turned
    yield f"the measured gradient, G + G.T less the diagonal: {FOR_BOTH}", e + turned - diagonal
    yield "the skew part of the measured gradient: (G - G.T)/2 where G is meant", (e - turned) / 2
    yield "the measured gradient less its transpose: G - G.T where G is meant", e - turned
    for name, part in (("lower", np.tril(e)), ("upper", np.triu(e))):
        alone = f"the {name} triangle of the measured gradient alone"
        yield f"{alone}: the other is zero where the function moves", part
        yield f"{alone}, {FOR_BOTH}", 2 * part - diagonal


def _meant(c: Floats) -> Iterator[tuple[str, Floats]]:
    """The other way round: what the claim would have to be made into."""
    turned = c.swapaxes(-1, -2)
    would = "it would be the measured gradient: the function"
    yield f"symmetrised, (G + G.T)/2, {would} symmetrises its argument", (c + turned) / 2
    yield f"added to its transpose, G + G.T, {would} takes its argument and the transpose of it", c + turned
