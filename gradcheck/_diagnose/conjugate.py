"""Is a conjugate missing, or one too many? Of a complex tensor the real and the imaginary part are two tensors here."""

from __future__ import annotations

import numpy as np

from gradcheck._diagnose.acceptance import EXACT, PATTERN
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import SEVERAL, Evidence, Floats

REAL, IMAGINARY = ".real", ".imag"
MISSING = "a conjugate is missing, or one too many"
FREQUENCIES = 8  # entries along the axes of a transform: with fewer, equal magnitudes may be chance
SPREAD = 0.01  # of the largest magnitude: where all are the same, as of a single entry, they say nothing


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


def of_spectrum(evidence: Evidence) -> Cause | None:
    """The right magnitude at each frequency, with the wrong phase: convolved with what it should be correlated with.

    Where the numbers are the measured ones, in another order, an index is wrong: a shift changes phases as well.
    """
    if not evidence.whole or _reordered(evidence):
        return None
    every = tuple(range(evidence.claim.ndim))
    for axes in dict.fromkeys((every, *((axis,) for axis in reversed(every)))):
        if _same_magnitudes(evidence, axes):
            along = "" if axes == every else f" along axis {axes[0]}"
            said = f"at each frequency{along} the magnitude is right and the phase is not: a conjugate is missing in a "
            said += "product of Fourier transforms, a convolution where a correlation is meant, or the other way round"
            return Cause(Slip.CONJUGATE, evidence.name, said)
    return None


def _reordered(evidence: Evidence) -> bool:
    claim, estimate = (np.sort(np.abs(part), axis=None) for part in (evidence.claim, evidence.estimate))
    return bool((np.abs(claim - estimate) <= float(np.max(evidence.slack)) + PATTERN * estimate).all())


def _same_magnitudes(evidence: Evidence, axes: tuple[int, ...]) -> bool:
    count = int(np.prod([evidence.claim.shape[axis] for axis in axes]))
    if count < FREQUENCIES:
        return False
    parts = (evidence.claim, evidence.estimate, evidence.missing)
    claim, estimate, missing = (_magnitudes(part, axes) for part in parts)
    unknown = min(float(np.sum(evidence.slack)) + PATTERN * float(np.max(estimate)), float(np.max(missing)) / EXACT)
    return bool((np.abs(claim - estimate) <= unknown).all() and np.ptp(estimate) > SPREAD * float(np.max(estimate)))


def _magnitudes(array: Floats, axes: tuple[int, ...]) -> Floats:
    magnitudes: Floats = np.abs(np.fft.fftn(array, axes=axes))
    return magnitudes
