"""What does a wrong tensor look like? Patterns that either recognise a mistake or say nothing.

Each is a function of one wrong tensor that recognises its mistake to within the measured uncertainty, or returns
None; nothing is guessed. The most specific stand first.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradcheck import (
    _arranged,
    _backward,
    _factors,
    _heard,
    _hidden,
    _means,
    _otherwise,
    _products,
    _slopes,
    _terms,
    _uses,
)
from gradcheck._case import RELATIVE, Case, where

Pattern = Callable[[Case], str | None]


def recognised(case: Case) -> str | None:
    """Return the first pattern's sentence that explains all that is wrong with a tensor, None if none does."""
    for pattern in PATTERNS:
        try:
            with np.errstate(all="ignore"):
                found = pattern(case)
        except np.linalg.LinAlgError:  # numbers that no decomposition can take follow no pattern
            continue
        if found:
            return found
    return None


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


def single_precision(case: Case) -> str | None:
    """Exact float32 numbers in a claim of double precision, no further from the slopes than their rounding."""
    found = float32(case)
    return found if found and "exact" in found else None


def float32(case: Case) -> str | None:
    """Errors of the size of single precision, in every entry, in a claim of double precision."""
    claims, off = case.claim[case.known], np.abs(case.missing[case.known])
    size = float(np.max(np.abs(case.estimate[case.known]), initial=0.0))
    if len(claims) < 3 or size == 0 or not np.isfinite(claims).all():
        return None
    single = bool((claims == claims.astype(np.float32)).all() and (claims != claims.astype(np.float16)).any())
    worst, spread_out = float(off.max()), np.count_nonzero(off > 1e-10 * size) > len(off) / 2
    if worst <= 3e-5 * size and (single or (worst <= 2e-6 * size and spread_out)):
        cast = "its values are exact float32 numbers" if single else "the errors have the size of its rounding"
        return f"float32 in the middle of a float64 gradient: {cast}"
    return None


def located(case: Case) -> str | None:
    """Only some entries are wrong: one, a row, a column, a block."""
    place = where(case)
    right = np.count_nonzero(~case.wrong & case.known)
    if not right or not place:
        return None
    return f"wrong {place}; the other {right} agree"


PATTERNS: tuple[Pattern, ...] = (
    not_finite,
    single_precision,
    _terms.repeated_index,
    _uses.uses,
    _backward.last_only,
    zero,
    _backward.bias,
    _backward.weight,
    _factors.factor,
    _arranged.exchanged,
    _backward.untransposed,
    _arranged.permuted,
    _terms.decay,
    _terms.constant,
    _slopes.derivative,
    _backward.handed_on,
    clipped,
    unlimited,
    _terms.averaged,
    _terms.single_example,
    _terms.example_missing,
    _terms.truth,
    _uses.unheard,
    # experiments, which measure anew
    _otherwise.otherwise,
    _heard.heard,
    _backward.of_output,
    # terms and products
    _arranged.opposite,
    _arranged.masked,
    zero_in_part,
    float32,
    _arranged.another,
    _products.product,
    _slopes.untouched,
    _hidden.hidden,
    _means.along_axes,
    _means.cotangent_alone,
    _factors.known_array,
    # where, more than why
    _factors.unknown,
    _factors.factor_in_part,
    _factors.slices,
    _arranged.reordered,
    _arranged.stale,
)
