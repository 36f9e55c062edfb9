"""Is the claim the right gradient of the function with another number in it? An epsilon, a temperature, an axis.

Known from the record of one run, which is made again with the other number. Left out, of the other sign, or the number
that the largest wrong entry asks for: it is said if all the other entries ask for the same.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np

from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import ENOUGH, Evidence, Floats
from gradcheck._diagnose.one_step import Alternatives, likeliest, makes, reproduced
from gradcheck._diagnose.steps.numbers import PlainNumber, axes, plain_numbers
from gradcheck._model.ending import forgiven
from gradcheck._results.digits import told_apart

NUMBERS = 12  # in a function that are tried, at the most
REPLAYED = 100_000  # steps of all runs that are made again: about a second
NUDGE = 2.0**-7  # of a number, or of one: its first change, from which the next follow (secants)
CHANGES = 20  # of a number until the entry is as claimed, or it is given up
NEAR, NEARER = 1e-4, 1e-9  # of what is wrong with that entry: what may be left of it, and where nothing is
DIGITS = 3  # of a number that is asked for, at the least
ZERO = 1e-9  # of a number: what is no more than this is none


def otherwise(evidence: Evidence) -> Cause | None:
    """The right gradient of the function with another number; one that explains every tensor comes first."""
    alternatives = reproduced(evidence)
    if alternatives is None:
        return None
    with np.errstate(all="ignore"):
        said = likeliest(_found(evidence, alternatives))
    return Cause(Slip.ANOTHER_NUMBER, evidence.name, said) if said else None


def _found(evidence: Evidence, alternatives: Alternatives) -> Iterator[tuple[str, bool]]:
    """Yield what explains the claim, each with whether it explains those of the other tensors as well."""
    most = REPLAYED // (CHANGES * (len(alternatives.way.record.steps) + 1))
    for number in itertools.islice(plain_numbers(alternatives.places), min(most, NUMBERS)):
        yield from _explaining(evidence, alternatives, number)
    for number, others in itertools.islice(axes(alternatives.places), min(most, NUMBERS)):
        for axis in others:
            gradients = _gradients(number, axis)
            if gradients is not None and evidence.explained(gradients[evidence.name], least=ENOUGH):
                yield _said(f"along axis {axis} in the place of {number.value}", number), makes(evidence, gradients)


def _explaining(evidence: Evidence, alternatives: Alternatives, number: PlainNumber) -> Iterator[tuple[str, bool]]:
    """Yield what a number explains: without it, with the other sign, or with what the largest wrong entry asks for."""
    plain = {number.nothing: f"without {number.written}", -number.value: f"with -{number.written}"}
    for other, words in plain.items():
        gradients = _gradients(number, other) if other is not None and other != number.value else None
        if gradients is not None and evidence.explained(gradients[evidence.name], least=ENOUGH):
            yield _said(words, number), makes(evidence, gradients)
            return
    if evidence.multiple(evidence.claim):
        return  # many a number makes a factor of the whole
    asked = _asked(evidence, alternatives.right, number)
    if asked is None:
        return
    gradients = _gradients(number, asked)
    if gradients is not None and evidence.explained(gradients[evidence.name], least=ENOUGH + 1, fitted=1):
        named = "" if number.literal else f"{number.written} = "
        there, here = told_apart(asked, number.value, "{} {}", DIGITS).split()
        yield _said(f"with {there} in the place of {named}{here}", number), makes(evidence, gradients)


def _said(words: str, number: PlainNumber) -> str:
    return f"it would be right {words}, {number.place}"


def _gradients(number: PlainNumber, other: float) -> dict[str, Floats] | None:
    with forgiven():  # a step need not exist with another number, and says so with any exception
        return number.gradients(other)
    return None


def _asked(evidence: Evidence, right: dict[str, Floats], number: PlainNumber) -> float | None:
    """Return the number with which the largest wrong entry is as claimed; None if none is found (secants)."""
    k = evidence.clearest[0]
    wanted = float(evidence.claim.flat[k])
    before, off_before = number.value, float(right[evidence.name].flat[k]) - wanted
    at, wrong = number.value + NUDGE * (abs(number.value) or 1.0), abs(off_before)
    best, least = math.nan, NEAR * wrong
    for _ in range(CHANGES):
        gradients = _gradients(number, at)
        off = math.nan if gradients is None else float(gradients[evidence.name].flat[k]) - wanted
        if not math.isfinite(off):
            at = (at + before) / 2
            continue
        if abs(off) <= least:
            best, least = at, abs(off)
        if least <= NEARER * wrong or off == off_before:
            break
        before, off_before, at = at, off, at - off * (at - before) / (off - off_before)
    if math.isnan(best):
        return None
    return 0.0 if abs(best) <= ZERO * abs(number.value) else best
