"""Are the errors those of single precision? Only where numbers of single precision are found to be in it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import ENOUGH, Evidence, Floats
from gradcheck._results.floating import DOUBLE

CAST = 1e-5  # of the largest slope: errors of float32 numbers: 170 roundings (2^-24 each), as of a sum of many terms
LAST_PLACES = 4  # of float64: what a product with a float32 number is rounded by, and its quotient again


def single_precision(evidence: Evidence) -> Cause | None:
    """Float32 numbers in a claim of double precision, no further from the slopes than their rounding.

    Each claim is such a number, or is one times something at hand, as a gradient is that was single precision before
    the last product.
    """
    claims, off = evidence.claim[evidence.known], np.abs(evidence.missing[evidence.known])
    size = float(np.max(np.abs(evidence.estimate[evidence.known]), initial=0.0))
    if evidence.dtype != "float64" or len(claims) < ENOUGH or not np.isfinite(claims).all():
        return None
    if float(off.max()) > CAST * size:
        return None
    for name, array in _factors(evidence):
        by = np.broadcast_to(array, evidence.claim.shape)[evidence.known]
        if _are_float32(claims, by):
            words = f"float32 numbers times {name}" if name else "exact float32 numbers"
            said = f"float32 in the middle of a float64 gradient: its values are {words}"
            return Cause(Slip.EXACT_FLOAT32, evidence.name, said)
    return None


def _are_float32(claims: Floats, by: Floats) -> bool:
    """Whether the claims, divided by something, are numbers of single precision, and not of half precision besides."""
    with np.errstate(all="ignore"):
        numbers = claims / by
        single = numbers.astype(np.float32)
        near = np.abs(numbers - single) <= LAST_PLACES * DOUBLE * np.abs(numbers)
        short = single == single.astype(np.float16)
    told: NDArray[np.bool_] = near & ~short
    return bool((near | (claims == 0)).all() and np.count_nonzero(told) >= ENOUGH)


def _factors(evidence: Evidence) -> Iterator[tuple[str, Floats]]:
    """Yield what a claim may be a product with: nothing, the cotangent, an array that the function sees."""
    yield "", np.ones(evidence.claim.shape)
    c = evidence.context.cotangent
    if c is not None and c.shape == evidence.claim.shape:
        yield "the cotangent", c
    for name, array in {**evidence.context.values, **evidence.context.data}.items():
        last = array.ndim == 1 and array.shape == evidence.claim.shape[-1:]
        if array.dtype.kind == "f" and (array.shape == evidence.claim.shape or array.ndim == 0 or last):
            yield name, array.astype(np.float64)
