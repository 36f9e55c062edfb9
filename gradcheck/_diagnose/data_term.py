"""Is the missing term a product of known data: X.T y where the target is left out, or the other half of A + A.T?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradcheck._diagnose.acceptance import PATTERN
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import ENOUGH, MATRIX, Evidence, Floats

LEFT_OUT = "a term, such as the truth, that is left out, or has a wrong factor"
LABELS = 64  # classes at the most

Named = tuple[str, Floats]


def product(evidence: Evidence) -> Cause | None:
    """A term that is the product of two arrays that the function sees, times a number."""
    if not evidence.whole or np.count_nonzero(evidence.wrong) < ENOUGH:
        return None
    for words, term, end in _terms(evidence):
        scale = float(np.sum(term**2))
        if not 0 < scale < np.inf or evidence.multiple(term):
            continue
        rate = float(np.sum(evidence.missing * term)) / scale
        if rate and evidence.explained(evidence.estimate - rate * term, least=ENOUGH, fitted=1):
            said = f"what is missing is {rate:.6g} times {words}: {end}"
            return Cause(Slip.TRUTH, evidence.name, said)
    return None


def _terms(evidence: Evidence) -> Iterator[tuple[str, Floats, str]]:
    """Yield products in the shape of a tensor: what they are, and what it means that one is missing."""
    shape = evidence.claim.shape
    x = evidence.value
    if x is not None and x.ndim == 1:
        for name, A in evidence.matrices(*shape, *shape):
            yield f"({name}.T - {name}) {evidence.name}", (A.T - A) @ x, f"{name} is taken for symmetric"
    for name, X in evidence.matrices():
        for words, t in _truths(evidence, len(X), shape):
            if X.shape[1:] + t.shape[1:] == shape:
                yield f"{name}.T {words}", X.T @ t, LEFT_OUT
            elif t.shape[1:] + X.shape[1:] == shape:
                yield f"{words}.T {name}", t.T @ X, LEFT_OUT


def _truths(evidence: Evidence, rows: int, shape: tuple[int, ...]) -> Iterator[Named]:
    """Yield what stands beside each example: targets, labels as rows of zeros and a one, and ones."""
    for name, array in evidence.context.data.items():
        if array.dtype.kind not in "fiub" or not 0 < array.ndim <= MATRIX or len(array) != rows:
            continue
        yield name, array.astype(np.float64)
        if array.ndim == 1 and _is_label(array):
            if set(np.unique(array).tolist()) == {0, 1}:
                yield f"(1 - {name})", 1.0 - array
            if len(shape) == MATRIX:
                for classes in dict.fromkeys(shape[::-1]):
                    yield f"({name} as one-hot rows)", np.equal.outer(array, np.arange(classes)).astype(np.float64)
    yield "(a column of ones)", np.ones(rows)


def _is_label(array: Floats) -> bool:
    whole = bool((np.abs(array - np.round(array)) <= PATTERN).all())
    return whole and float(np.min(array)) >= 0 and float(np.max(array)) < LABELS
