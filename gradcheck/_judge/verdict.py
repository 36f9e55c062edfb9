"""Claim against estimate: which of the six verdicts? Pure: numbers in, verdict out."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gradcheck._results.estimate import Estimate
from gradcheck._results.verdict import Verdict

Floats = NDArray[np.float64]

DOUBLE = 2.0**-52
SMALLEST = 1e-6  # the smallest relative error that matters, where dtype and noise allow to see it
COARSE = 1e-2  # an uncertainty above this part of the entry decides nothing, unless the user says otherwise
SMALL_ENTRY = 0.1  # entries below this part of their tensor's largest may be known that much less well
GROSS = 1 / 8  # an error above this part of the entry matters in any precision
NOTHING = 1e-9  # a claim below this part of what moves f elsewhere claims zero


@dataclass(frozen=True)
class Slack:
    """An error that a caller allows besides: atol, and rtol times the measured slope."""

    atol: float = 0.0
    rtol: float = 0.0

    def of(self, low: float, high: float) -> float:
        """Return what is allowed beside slopes between two numbers."""
        return self.atol + self.rtol * max(abs(low), abs(high))


NONE = Slack()


@dataclass(frozen=True)
class Standard:
    """What a claim is held to: the errors that matter, and the sizes they are compared with."""

    rtol: float | None = None  # the user's smallest relative error that matters
    rounding: float = 2.0**-52  # of the dtype in which the claim was computed
    largest: float = 0.0  # the largest claim of the tensor
    stretch: float = 1.0  # how many times a tensor's typical step an entry's own is
    elsewhere: float = 0.0  # the largest claim of other tensors, in units of this one
    slack: Slack = NONE

    def tolerance(self, size: float | Floats) -> float | Floats:
        """Return the error that does not matter in an entry of a given size: half of what does."""
        relative = max((self.rtol or SMALLEST) / 2, min(32 * self.rounding, GROSS))
        coarse = self.rounding > DOUBLE  # in double the rounding of a claim is measured where it could matter
        return relative * size + min(16 * self.rounding, GROSS / 2) * self.largest * coarse

    def sharp(
        self, uncertainty: float | Floats, size: float | Floats, stretch: float | Floats | None = None
    ) -> bool | NDArray[np.bool_]:
        """Return whether an uncertainty is small enough to matter for an entry of a given size.

        An entry that is taken in larger steps than others moves f as much as they do with a smaller slope.
        """
        largest = self.largest / (self.stretch if stretch is None else stretch)
        return uncertainty <= (self.rtol or COARSE) * np.maximum(size, SMALL_ENTRY * largest)

    def nothing(self, uncertainty: Floats) -> NDArray[np.bool_]:
        """Return whether an entry of a tensor that is said not to move f is known to move it no more than that."""
        return (uncertainty <= self.negligible) & (self.largest <= self.negligible)

    @property
    def negligible(self) -> float:
        """What is zero beside tensors that do move f: the bias before a batch norm, but for its rounding."""
        return max(NOTHING, 64 * self.rounding) * self.elsewhere

    def judge(self, claim: float, estimate: Estimate, residue: float = 0.0) -> Verdict:
        """Return the verdict on one entry, of which a residue may be the rounding of the claim itself."""
        if estimate.jump:
            return Verdict.BROKEN
        low, high = sorted((estimate.left, estimate.right)) if estimate.kink else (estimate.value,) * 2
        if not math.isfinite(low) or not math.isfinite(high):
            return Verdict.UNDECIDED if math.isfinite(claim) else Verdict.BROKEN
        if not math.isfinite(claim):
            return Verdict.WRONG
        size = max(abs(claim), abs(low), abs(high))
        outside = max(low - claim, claim - high, 0.0)
        if outside > estimate.uncertainty + self.tolerance(size) + residue + self.slack.of(low, high):
            return Verdict.WRONG
        if estimate.kink:
            return Verdict.KINK
        return self._consistent(claim, estimate, size)

    def _consistent(self, claim: float, estimate: Estimate, size: float) -> Verdict:
        """Return the verdict where the claim lies within the uncertainty: is that small enough to say anything?"""
        seen = replace(self, largest=max(self.largest, estimate.scale))
        sharp = bool(seen.sharp(estimate.uncertainty, size))
        if claim == 0 and estimate.value == estimate.left == estimate.right == 0 and (sharp or estimate.flat):
            return Verdict.UNTESTED
        if sharp:
            return Verdict.CORRECT
        if self.elsewhere and abs(claim) <= self.negligible and estimate.scale <= 4 * estimate.uncertainty:
            known = max(SMALLEST * self.elsewhere, self.negligible)  # zero, as far as anybody can see
            return Verdict.CORRECT if estimate.uncertainty <= known else Verdict.UNTESTED
        return Verdict.UNDECIDED
