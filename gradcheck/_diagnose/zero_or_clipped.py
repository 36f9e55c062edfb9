"""Is the claim zero, clipped, or not a number, where the function moves?"""

from __future__ import annotations

import numpy as np

from gradcheck._diagnose.evidence import RELATIVE, Case, where


def not_finite(case: Case) -> str | None:
    """Nan or inf among the claims."""
    bad = ~np.isfinite(case.claim) & case.wrong
    if not bad.any():
        return None
    count = f"{np.count_nonzero(bad)} of {bad.size} claims are not finite"
    return f"{count} although the function is: a 0/0 or an overflow in the backward"


def zero(case: Case) -> str | None:
    """A claim of zero throughout, where the function moves."""
    if (case.claim[case.known] != 0).any():
        return None
    return "claimed zero throughout although the function moves: not computed, or cut off on the way"


def zero_in_part(case: Case) -> str | None:
    """A claim of zero in some of the entries where the function moves, and of nothing wrong elsewhere."""
    if (case.claim[case.wrong] != 0).any():
        return None
    wrong = np.count_nonzero(case.wrong)
    place = where(case) or f"in {wrong} entries where the function moves"
    return f"zero {place}: a part that is skipped, or masked by mistake"


def clipped(case: Case) -> str | None:
    """The measured gradient held between two bounds; its sign alone; its absolute value."""
    c, e = case.claim[case.known], case.estimate[case.known]
    if len(c) < 3 or not np.isfinite(c).all():
        return None
    if case.explained(np.abs(case.estimate)):
        return "the absolute value of the measured gradient: its sign is lost"
    bound = float(np.max(np.abs(c)))
    if bound > 0 and (np.abs(c) == bound).all() and (c == bound * np.sign(e)).all():
        return f"{bound:.6g} times the sign of the measured gradient: its size is lost"
    cut = np.abs(case.claim) == bound
    if np.count_nonzero(cut & case.wrong) > 1 and case.explained(np.clip(case.estimate, -bound, bound)):
        return f"the measured gradient, clipped at {bound:.6g}"
    return None


def unlimited(case: Case) -> str | None:
    """A measured gradient that is held between two bounds, or is a sign, where the claim is not."""
    c, e = case.claim[case.wrong], case.estimate[case.wrong]
    bound = float(np.max(np.abs(case.estimate[case.known]), initial=0.0))
    held = np.abs(np.abs(e) - bound) <= case.slack[case.wrong] + RELATIVE * bound
    if len(c) < 3 or not held.all() or (np.sign(c) != np.sign(e)).any() or np.ptp(np.abs(c)) <= 1e-6 * bound:
        return None
    if (np.abs(c) > bound).all() and np.count_nonzero(~case.wrong & case.known & ~case.still):
        return f"beyond ±{bound:.6g} the measured gradient is limited, the claim is not: a clip is forgotten"
    if case.wrong[case.known].all():
        return f"the measured gradient is {bound:.6g} times the sign of the claim: a size where a sign is meant"
    return None
