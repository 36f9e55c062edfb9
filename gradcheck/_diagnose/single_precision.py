"""Are the errors those of single precision?"""

from __future__ import annotations

import numpy as np

from gradcheck._diagnose.cause import Cause, Kind
from gradcheck._diagnose.evidence import ENOUGH, Evidence

# Of the largest slope; the rounding of float32 is 2^-24 = 6e-8.
CAST = 3e-5  # errors of exact float32 numbers: 500 roundings, as of a sum of many terms
ROUNDED = 2e-6  # errors of float64 numbers that were float32 on the way: 30 roundings, less than any mistake
BEYOND_FLOAT64 = 1e-10  # errors that are too large for float64 throughout


def single_precision(evidence: Evidence) -> Cause | None:
    """Exact float32 numbers in a claim of double precision, no further from the slopes than their rounding."""
    found = float32(evidence)
    return found if found and found.kind is Kind.EXACT_FLOAT32 else None


def float32(evidence: Evidence) -> Cause | None:
    """Errors of the size of single precision, in every entry, in a claim of double precision."""
    claims, off = evidence.claim[evidence.known], np.abs(evidence.missing[evidence.known])
    size = float(np.max(np.abs(evidence.estimate[evidence.known]), initial=0.0))
    if len(claims) < ENOUGH or size == 0 or not np.isfinite(claims).all():
        return None
    single = bool((claims == claims.astype(np.float32)).all() and (claims != claims.astype(np.float16)).any())
    worst, spread_out = float(off.max()), np.count_nonzero(off > BEYOND_FLOAT64 * size) > len(off) / 2
    if worst <= CAST * size and (single or (worst <= ROUNDED * size and spread_out)):
        kind = Kind.EXACT_FLOAT32 if single else Kind.ROUNDED_AS_FLOAT32
        cast = "its values are exact float32 numbers" if single else "the errors have the size of its rounding"
        return Cause(kind, evidence.name, f"float32 in the middle of a float64 gradient: {cast}")
    return None
