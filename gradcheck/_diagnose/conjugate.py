"""Is a conjugate missing, or one too many? Of a complex tensor the real and the imaginary part are two tensors here."""

from __future__ import annotations

import numpy as np

from gradcheck._diagnose.acceptance import PATTERN
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import SEVERAL, Evidence

REAL, IMAGINARY = ".real", ".imag"
MISSING = "a conjugate is missing, or one too many"


def conjugated(evidence: Evidence) -> Cause | None:
    """The right real part, and an imaginary part of the wrong sign."""
    part = evidence.name.removesuffix(IMAGINARY)
    claim, estimate = (of.get(part + REAL) for of in (evidence.context.claims, evidence.context.estimates))
    if part == evidence.name or claim is None or estimate is None or claim.shape != evidence.claim.shape:
        return None
    right = np.allclose(claim, estimate, rtol=PATTERN, atol=float(np.nanmax(evidence.slack)))
    if not right or not evidence.explained(-evidence.estimate, least=SEVERAL):
        return None
    said = f"minus the measured imaginary part, where the real part is right: {MISSING}"
    return Cause(Slip.CONJUGATE, evidence.name, said)
