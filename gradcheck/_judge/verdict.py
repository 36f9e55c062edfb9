"""Claim against estimate: which of the six verdicts? Pure: numbers in, verdict out."""

from __future__ import annotations

import math
from dataclasses import replace

from gradcheck._judge.tolerance import SMALLEST, Standard
from gradcheck._results.estimate import Estimate
from gradcheck._results.verdict import Verdict

DROWNED = 4.0  # uncertainties: where no slope above this was ever seen, f shows no movement of this entry


def judge(standard: Standard, claim: float, estimate: Estimate) -> Verdict:
    """Return the verdict on one entry: outside = uncertainty + tolerance + rounding of the claim + caller's slack."""
    if estimate.jump or estimate.stairs:
        return Verdict.BROKEN if estimate.jump else Verdict.UNDECIDED
    low, high = sorted((estimate.left, estimate.right)) if estimate.kink else (estimate.value,) * 2
    if not math.isfinite(low) or not math.isfinite(high):
        return Verdict.UNDECIDED if math.isfinite(claim) else Verdict.BROKEN
    if not math.isfinite(claim):
        return Verdict.WRONG
    size = max(abs(claim), abs(low), abs(high))
    outside = max(low - claim, claim - high, 0.0)
    allowed = estimate.uncertainty + standard.tolerance(size) + estimate.residue + standard.slack.of(low, high)
    if outside > allowed:
        return Verdict.WRONG
    if estimate.kink:
        return Verdict.KINK
    return _consistent(standard, claim, estimate, size)


def _consistent(standard: Standard, claim: float, estimate: Estimate, size: float) -> Verdict:
    """Return the verdict where the claim lies within the uncertainty: is that small enough to say anything?"""
    seen = replace(standard, largest=max(standard.largest, estimate.scale))
    sharp = bool(seen.sharp(estimate.uncertainty, size))
    if claim == 0 and estimate.value == estimate.left == estimate.right == 0 and (sharp or estimate.flat):
        return Verdict.UNTESTED
    if sharp:
        return Verdict.CORRECT
    unmoved = estimate.scale <= DROWNED * estimate.uncertainty
    if standard.elsewhere and abs(claim) <= standard.negligible and unmoved:
        known = max(SMALLEST * standard.elsewhere, standard.negligible)  # zero, as far as anybody can see
        return Verdict.CORRECT if standard.hollow and estimate.uncertainty <= known else Verdict.UNTESTED
    return Verdict.UNDECIDED
