"""Has each slice a factor of its own, or is the factor an array that the function sees?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradcheck._diagnose.acceptance import PATTERN
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import ENOUGH, MATRIX, SEVERAL, Evidence, Floats
from gradcheck._results.digits import told_apart

MULTIPLES = 1e-5  # relative: factors, each fitted to the entries of its slice, and the array that they are
NEARLY = 0.1  # by which the factors of no gain are off
GAIN = 1e-4  # what factors of slices differ by, where they are gains or scales and no matter of rounding


def slices(evidence: Evidence) -> Cause | None:
    """A factor for each slice along an axis: a gain or a scale."""
    for axis in range(evidence.claim.ndim):
        ratios = _ratios(evidence, axis)
        fitted = 0 if ratios is None else ratios.size
        if ratios is not None and evidence.explained(ratios * evidence.estimate, ratios, fitted=fitted):
            return Cause(Slip.FACTOR_PER_SLICE, evidence.name, _said(ratios, axis, evidence))
    return None


def _said(ratios: Floats, axis: int, evidence: Evidence) -> str:
    known = _vector(ratios.ravel(), evidence)
    if not known and _of_rank_one(np.moveaxis(evidence.estimate, axis, 0).reshape(ratios.size, -1)):
        return f"an outer product, as the measured gradient is, but with another vector along axis {axis}"
    name = ("row", "column")[axis] if evidence.claim.ndim == MATRIX else f"slice along axis {axis}"
    apart = told_apart(ratios.min(), ratios.max(), "from {} to {}", 3)
    lost = f"a gain or a scale along axis {axis} missing or misplaced"
    if not known and np.max(np.abs(ratios - 1)) < NEARLY:
        lost = "nearly one, as of an epsilon under a root that is another one, or forgotten, in the backward"
    return f"each {name} has a factor of its own, {apart}{known}: {lost}"


def _of_rank_one(matrix: Floats) -> bool:
    """Whether the rows are multiples of one another: any others of the same direction have factors of their own."""
    first, *others = np.linalg.svd(matrix, compute_uv=False)
    return not others or bool(others[0] <= MULTIPLES * first)


def _ratios(evidence: Evidence, axis: int) -> Floats | None:
    """Return the factor between claim and estimate in each slice; None if they are one, or rest on too few entries."""
    rest = tuple(a for a in range(evidence.claim.ndim) if a != axis)
    lively = int(np.sum(evidence.known & ~evidence.still, axis=rest, initial=0).max())
    if evidence.claim.shape[axis] < SEVERAL or lively < ENOUGH or not evidence.whole:
        return None
    squares = np.sum(evidence.estimate**2, axis=rest, keepdims=True)
    if not (squares > 0).all():
        return None
    ratios: Floats = np.sum(evidence.claim * evidence.estimate, axis=rest, keepdims=True) / squares
    return ratios if np.isfinite(ratios).all() and np.ptp(ratios) > GAIN else None


def _vector(ratios: Floats, evidence: Evidence) -> str:
    """Say which known vector the factors of the slices are."""
    for name, array in {**evidence.context.values, **evidence.context.data}.items():
        if array.shape == ratios.shape and array.dtype.kind == "f":
            if np.allclose(ratios, array, rtol=MULTIPLES, atol=0):
                return f", which is {name}"
            if np.allclose(ratios * array, 1, rtol=MULTIPLES, atol=0):
                return f", which is 1/{name}"
    return ""


def known_array(evidence: Evidence) -> Cause | None:
    """A factor that is one of the arrays that the function sees: left out, or taken too often."""
    for name, array in _alike(evidence):
        if np.count_nonzero((array != 0) & ~evidence.still & evidence.known) < ENOUGH or np.ptp(array) <= PATTERN:
            continue
        if evidence.explained(evidence.estimate * array, array):
            return Cause(
                Slip.KNOWN_ARRAY,
                evidence.name,
                f"{name} times the measured gradient: {name} is multiplied in once too often",
            )
        with np.errstate(divide="ignore", invalid="ignore"):
            inverse = np.where(array != 0, 1 / array, np.nan)
        fits = evidence.still[array == 0].all() and evidence.explained(
            evidence.estimate * inverse, np.nan_to_num(inverse)
        )
        if fits:
            return Cause(
                Slip.KNOWN_ARRAY,
                evidence.name,
                f"multiplied by {name} it would be the measured gradient: {name} is left out",
            )
    return None


def _alike(evidence: Evidence) -> Iterator[tuple[str, Floats]]:
    """Yield the arrays that could be multiplied in: of the same shape, or a vector along the last axis."""
    for name, array in {**evidence.context.values, **evidence.context.data}.items():
        if array.dtype.kind not in "fb" or name == evidence.name or not evidence.claim.ndim:
            continue
        if array.shape == evidence.claim.shape or (array.ndim == 1 and array.shape == evidence.claim.shape[-1:]):
            yield name, np.broadcast_to(array.astype(np.float64), evidence.claim.shape)
