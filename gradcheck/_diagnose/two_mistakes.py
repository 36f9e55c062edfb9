"""Are there two mistakes at once? A plain factor in one part and another in another, or a factor beside something else.

Both are put right, and what comes of it has to be what was measured, in every entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gradcheck._diagnose import activation, logarithm, missing_term, rearranged, symmetric
from gradcheck._diagnose.acceptance import NEGLIGIBLE, PATTERN, is_generic
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.constant_factor import SIMPLE, of_size
from gradcheck._diagnose.evidence import PLENTY, SEVERAL, Evidence, Floats, where
from gradcheck._diagnose.size import LEAST_SIZE, Of

IN_PARTS = {**SIMPLE, 0.0: "a part that is skipped, or masked by mistake"}
TIMES = {-1.0: "minus", 2.0: "exactly twice", 0.5: "exactly half", -2.0: "minus twice", -0.5: "minus half"}
MOST = 3  # parts, each with a factor of its own: of more it is a gain or a scale
BESIDE: tuple[Callable[[Evidence], Cause | None], ...] = (  # what is looked for once a factor is put right
    rearranged.exchanged,
    rearranged.permuted,
    symmetric.symmetrised,
    missing_term.decay,
    missing_term.constant,
    logarithm.by_logarithm,
    activation.derivative,
    missing_term.truth,
)


def in_parts(evidence: Evidence) -> Cause | None:
    """One plain factor in one block of the entries, and another in another; the rest is right."""
    if not evidence.whole or not is_generic(evidence.estimate[evidence.wrong]):
        return None
    factors = _plain_factors(evidence)
    parts = [(n, evidence.wrong & (factors == n)) for n in IN_PARTS if (evidence.wrong & (factors == n)).any()]
    sizes = [int(np.count_nonzero(part)) for _, part in parts]
    if not SEVERAL <= len(parts) <= MOST or min(sizes) < SEVERAL:
        return None
    places = [where(replace(evidence, wrong=part)).removesuffix(" alone") for _, part in parts]
    if not all(places) or not evidence.explained(factors * evidence.estimate, factors):
        return None
    pairs = zip(parts, places, strict=True)
    said = [f"{f'{TIMES[n]} the measured value' if n else 'zero'} {at}: {IN_PARTS[n]}" for (n, _), at in pairs]
    return Cause(Slip.TWO_MISTAKES, evidence.name, f"{len(said)} mistakes: {'; and '.join(said)}")


def beside_a_factor(evidence: Evidence) -> Cause | None:
    """A plain factor throughout, and another mistake that is recognised once that is put right."""
    several = evidence.whole and np.count_nonzero(evidence.wrong) >= PLENTY
    if not several or not is_generic(evidence.missing[evidence.wrong]) or any(_found(evidence)):
        return None
    for number, meaning in {**SIMPLE, **_means(evidence)}.items():
        mended = replace(evidence, claim=evidence.claim / number)
        mended = replace(mended, wrong=_off(mended))
        for cause in _found(mended):
            said = f"2 mistakes: a factor of {number:.6g}: {meaning}; and without it: {cause.sentence}"
            return Cause(Slip.TWO_MISTAKES, evidence.name, said)
    return None


def _means(evidence: Evidence) -> dict[float, str]:
    """Return the factors of a mean over the batch that is forgotten, or taken twice, and what each comes from."""
    sizes = {size.n for size in evidence.sizes if size.of in (Of.BATCH, Of.FIRST_AXIS) and size.n >= LEAST_SIZE}
    numbers = [number for n in sorted(sizes) for number in (float(n), 1 / n)]
    return {number: words for number in numbers if (words := of_size(number, evidence))}


def _found(evidence: Evidence) -> Iterator[Cause]:
    for pattern in BESIDE if np.count_nonzero(evidence.wrong) >= PLENTY else ():
        cause = pattern(evidence)
        if cause is not None:
            yield cause


def _plain_factors(evidence: Evidence) -> Floats:
    """Return the plain factor that is nearest in every wrong entry; one in all others."""
    numbers = np.array([*IN_PARTS])
    off = np.abs(evidence.claim[..., np.newaxis] - numbers * evidence.estimate[..., np.newaxis])
    return np.where(evidence.wrong, numbers[np.argmin(off, axis=-1)], 1.0)


def _off(evidence: Evidence) -> NDArray[np.bool_]:
    """Return which claims are not what was measured."""
    reach = np.fmax(np.abs(evidence.claim), np.abs(evidence.estimate))
    room = evidence.slack + PATTERN * reach + NEGLIGIBLE * float(np.nanmax(reach, initial=0.0))
    off: NDArray[np.bool_] = evidence.known & (np.abs(evidence.missing) > room)
    return off
