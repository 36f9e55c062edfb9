"""Claim against estimate: which of the six verdicts? Pure: numbers in, verdict out."""

from __future__ import annotations

import math

from gradcheck._judge.tolerance import Standard
from gradcheck._results.estimate import SMALLEST, Estimate
from gradcheck._results.verdict import Verdict

BENDS = 10.0  # times the largest claim: slopes beyond this at larger steps do not set the scale of what is small
DROWNED = 4.0  # uncertainties: where no slope above this was ever seen, f shows no movement of this entry


def judge(standard: Standard, claim: float, estimate: Estimate) -> Verdict:
    """Return the verdict on one entry: outside = uncertainty + tolerance + roundings of the claim + caller's slack."""
    if estimate.jump or estimate.stairs:
        return Verdict.BROKEN if estimate.jump else Verdict.UNDECIDED
    low, high = sorted((estimate.left, estimate.right)) if estimate.kink else (estimate.value,) * 2
    if all(map(math.isfinite, (claim, low, high))):
        return _finite(standard, claim, estimate, (low, high))
    if math.isnan(low) or math.isnan(high):
        return Verdict.UNDECIDED if math.isfinite(claim) else Verdict.BROKEN
    if low == high and math.isinf(low):
        return _infinite(claim, estimate)
    # At a kink one side may be infinite, or both; nan lies between no two slopes.
    return Verdict.KINK if low <= claim <= high else _finite(standard, claim, estimate, (low, high))


def _finite(standard: Standard, claim: float, estimate: Estimate, sides: tuple[float, float]) -> Verdict:
    """Return the verdict on a claim beside slopes of which one at least is finite."""
    if not math.isfinite(claim):
        return Verdict.WRONG
    bounds = [side for side in sides if math.isfinite(side)]
    size = max(abs(claim), *map(abs, bounds))
    outside = max(min(sides) - claim, claim - max(sides), 0.0)
    allowed = estimate.uncertainty + standard.tolerance(size) + estimate.residue + standard.rough / standard.stretch
    allowed += standard.slack.of(*bounds)
    if outside > allowed:
        return Verdict.WRONG
    if estimate.kink:
        return Verdict.KINK
    doubtful = outside > allowed - estimate.uncertainty + standard.doubted(estimate.uncertainty)
    return Verdict.UNDECIDED if doubtful else _consistent(standard, claim, estimate, size)


def _consistent(standard: Standard, claim: float, estimate: Estimate, size: float) -> Verdict:
    """Return the verdict where the claim lies within the uncertainty: is that small enough to say anything?"""
    steepest = min(estimate.scale, BENDS * standard.largest) if standard.largest else estimate.scale
    unknown = estimate.uncertainty + estimate.residue
    sharp = bool(standard.sharp(unknown, size, largest=max(steepest, standard.largest)))
    if claim == 0 and estimate.value == estimate.left == estimate.right == 0 and (sharp or estimate.flat):
        return Verdict.UNTESTED
    if sharp:
        return Verdict.CORRECT
    unmoved = estimate.scale <= DROWNED * estimate.uncertainty
    if standard.elsewhere and abs(claim) <= standard.negligible and unmoved:
        known = max(SMALLEST * standard.elsewhere, standard.negligible)  # zero, as far as can be measured
        return Verdict.CORRECT if standard.hollow and estimate.uncertainty <= known else Verdict.UNTESTED
    return Verdict.UNDECIDED


def _infinite(claim: float, estimate: Estimate) -> Verdict:
    """Return the verdict where the slope is infinite.

    A finite claim is wrong once steps have gone beyond it, or where none ever could.
    """
    if claim == estimate.value:
        return Verdict.CORRECT
    low, high = sorted((estimate.reached, estimate.furthest))
    return Verdict.UNDECIDED if low < claim < high else Verdict.WRONG
