"""Are slope or claim lost in last digits, those of f or those of the claim itself?"""

from __future__ import annotations

import math
from dataclasses import replace

from gradcheck._entries.look import Look
from gradcheck._entries.under_test import LAST_DIGITS
from gradcheck._measure.noise import UNEVEN
from gradcheck._model.tally import SECOND, spending
from gradcheck._results.estimate import Estimate
from gradcheck._results.floating import DOUBLE

FASTEST = 8192.0  # radians over an entry's scale, of a wave as high as f's last digits
CANCELS = 2.0**20  # largest numbers assumed to cancel: with larger ones the unit could be an intended step
A_FEW = 2.0**8  # how many units a number is at most that is said to be a few of them


@spending(SECOND)
def last_digits(look: Look, estimate: Estimate) -> Estimate | None:
    """Widen the uncertainty to f's last digits over the whole scale of an entry, if claim and slope are within.

    Where f stands still, because it has died away to nothing or its terms cancel, its last digits are those of
    the terms, and show as far away as the entry is large.
    """
    ladder, rounding = look.ladder, look.tested.subject.rounding()
    digits = LAST_DIGITS * rounding / ladder.scale
    if estimate.value == 0:
        far = [abs(ladder.line(side * ladder.scale)[1]) for side in (1, -1)]
        seen = max((value for value in far if math.isfinite(value)), default=0.0)
        digits = max(digits, LAST_DIGITS * ladder.relative * seen / ladder.scale)
        if abs(look.claim) * ladder.scale <= seen and _are_units(look, far):
            digits = max(digits, seen / ladder.scale)
    if max(abs(look.claim), abs(estimate.value)) <= digits:
        return replace(estimate, uncertainty=max(estimate.uncertainty, digits))
    return _in_a_wave(look, estimate) if not look.tested.subject.coarse else None


def _are_units(look: Look, far: list[float]) -> bool:
    """Whether f moves by a few units at a time wherever one looks, as what is left of numbers that cancel does."""
    scale, line = look.ladder.scale, look.ladder.line
    seen = [*far, *(abs(line(part * scale)[1]) for part in UNEVEN)]
    short = all(math.frexp(value)[0] * A_FEW % 1 == 0 for value in seen)
    return short and max(seen) <= A_FEW * DOUBLE * CANCELS


def _in_a_wave(look: Look, estimate: Estimate) -> Estimate | None:
    """Leave a slope unknown where f only oscillates in its last digits: a wave of that height may have any slope."""
    moved = [abs(slope) * r.step for r in estimate.rungs for slope in (r.left, r.right)]
    seen = max((move for move in moved if math.isfinite(move)), default=0.0)
    away = abs(look.claim - estimate.value)
    low = 0 < seen <= LAST_DIGITS * look.tested.subject.rounding() and abs(estimate.value) <= estimate.uncertainty
    return replace(estimate, uncertainty=away) if low and away * look.ladder.scale <= FASTEST * seen else None


@spending(SECOND)
def rounding_of_the_claim(look: Look, estimate: Estimate) -> Estimate | None:
    """Allow for what rounding may have made of the claim: where it is a sum that cancels, nothing else is left."""
    allowed = replace(estimate, residue=look.tested.residue(look.k))
    return replace(estimate, residue=look.tested.coarse_residue(look.k)) if look.accuses(allowed) else allowed
