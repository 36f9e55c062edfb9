"""Is the claim zero, clipped, or not a number, where the function moves?"""

from __future__ import annotations

import numpy as np

from gradcheck._diagnose.acceptance import PATTERN
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import ENOUGH, SEVERAL, Evidence, Floats, where

TRAINED = ("weight", "bias")  # kinds of tensors that nobody holds fixed on purpose


def not_finite(evidence: Evidence) -> Cause | None:
    """Nan or inf among the claims."""
    bad = ~np.isfinite(evidence.claim) & evidence.wrong
    if not bad.any():
        return None
    count = f"{np.count_nonzero(bad)} of {bad.size} claims are not finite"
    return Cause(
        Slip.NOT_FINITE, evidence.name, f"{count} although the function is: a 0/0 or an overflow in the backward"
    )


def infinite_slope(evidence: Evidence) -> Cause | None:
    """A finite claim where the slope is infinite."""
    if not evidence.wrong.any() or not evidence.endless[evidence.wrong].all():
        return None
    claims = evidence.claim[evidence.wrong]
    what = "a finite slope" if np.isfinite(claims).all() else "the other sign" if np.isinf(claims).all() else "nan"
    place = where(evidence) or f"in {len(claims)} entries"
    sentence = f"{what} claimed {place}, where the slope is infinite: it grows without end as the step falls"
    return Cause(Slip.INFINITE_SLOPE, evidence.name, sentence)


def zero(evidence: Evidence) -> Cause | None:
    """A claim of zero throughout, where the function moves."""
    if (evidence.claim[evidence.known] != 0).any():
        return None
    return Cause(
        Slip.ZERO,
        evidence.name,
        "claimed zero throughout although the function moves: not computed, or cut off in between"
        + ("" if evidence.kind in TRAINED else "; if it is held fixed on purpose, leave it out with wrt="),
    )


def zero_in_part(evidence: Evidence) -> Cause | None:
    """A claim of zero in some of the entries where the function moves, and of nothing wrong elsewhere."""
    if (evidence.claim[evidence.wrong] != 0).any():
        return None
    wrong = np.count_nonzero(evidence.wrong)
    place = where(evidence) or f"in {wrong} entries where the function moves"
    return Cause(Slip.ZERO_IN_PART, evidence.name, f"zero {place}: a part that is skipped, or masked by mistake")


def clipped(evidence: Evidence) -> Cause | None:
    """The measured gradient held between two bounds; its sign alone; its absolute value."""
    c, e = evidence.claim[evidence.known], evidence.estimate[evidence.known]
    if len(c) < ENOUGH or not np.isfinite(c).all():
        return None
    return _without_sign(evidence, c, e) or _cut(evidence, c)


def _both_signs(e: Floats) -> bool:
    """Whether there are signs to lose: where all numbers have one sign, it is only a factor."""
    return int(np.count_nonzero(e > 0)) >= SEVERAL <= int(np.count_nonzero(e < 0))


def _without_sign(evidence: Evidence, c: Floats, e: Floats) -> Cause | None:
    if not _both_signs(e[~evidence.still[evidence.known]]):
        return None
    alone = evidence.wrong.ndim > 1 and where(evidence)  # the sign of one row or column
    if not alone and evidence.explained(np.abs(evidence.estimate)):
        return Cause(Slip.CLIPPED, evidence.name, "the absolute value of the measured gradient: its sign is lost")
    bound = float(np.max(np.abs(c)))
    if bound > 0 and (np.abs(c) == bound).all() and (c == bound * np.sign(e)).all() and not _alike(evidence):
        return Cause(
            Slip.CLIPPED, evidence.name, f"{bound:.6g} times the sign of the measured gradient: its size is lost"
        )
    return None


def _cut(evidence: Evidence, c: Floats) -> Cause | None:
    bound = float(np.max(np.abs(c)))
    cut = (np.abs(evidence.claim) == bound) & evidence.wrong
    held = np.clip(evidence.estimate, -bound, bound)
    if np.count_nonzero(cut) > 1 and not _alike(evidence) and evidence.explained(held, fitted=1):
        return Cause(Slip.CLIPPED, evidence.name, f"the measured gradient, clipped at {bound:.6g}")
    return None


def _alike(evidence: Evidence) -> bool:
    """Return whether all that the function moves by is of one size, so that a size that is lost is but a factor."""
    sizes = np.abs(evidence.estimate[evidence.known & ~evidence.still])
    return not len(sizes) or bool(np.ptp(sizes) <= PATTERN * sizes.max())


def unlimited(evidence: Evidence) -> Cause | None:
    """A measured gradient that is held between two bounds, or is a sign, where the claim is not."""
    c, e = evidence.claim[evidence.wrong], evidence.estimate[evidence.wrong]
    bound = float(np.max(np.abs(evidence.estimate[evidence.known]), initial=0.0))
    held = np.abs(np.abs(e) - bound) <= evidence.slack[evidence.wrong] + PATTERN * bound
    if len(c) < ENOUGH or not held.all() or (np.sign(c) != np.sign(e)).any() or np.ptp(np.abs(c)) <= PATTERN * bound:
        return None
    right = np.abs(evidence.estimate[~evidence.wrong & evidence.known & ~evidence.still])
    if (np.abs(c) > bound).all() and len(right) and (right < bound * (1 - PATTERN)).all():
        return Cause(
            Slip.UNLIMITED,
            evidence.name,
            f"beyond ±{bound:.6g} the measured gradient is limited, the claim is not: a clip is forgotten",
        )
    seen = bound > float(evidence.slack[evidence.wrong].max())
    if seen and evidence.wrong[evidence.known].all() and _both_signs(e):
        return Cause(
            Slip.UNLIMITED,
            evidence.name,
            f"the measured gradient is {bound:.6g} times the sign of the claim: a size where a sign is meant",
        )
    return None
