"""Is a factor the number of entries that count: those that a mask lets through, that are labelled, or that are numbers?

A mean over some entries is divided by how many they are; divided by all of them, or not at all, it is off by that.
Likewise of a mean with weights, which is divided by their sum.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from gradcheck._diagnose.acceptance import is_number
from gradcheck._diagnose.evidence import SEVERAL, Array, Evidence

ORIGINS = 4  # denominators: 3/4 and 1/3 come about without any count


@dataclass(frozen=True)
class Count:
    """How many entries of an array count, or the sum of weights."""

    words: str  # "mask is true in 6 of 12"
    those: str  # "those 6"
    n: float
    every: int


def share_of(ratio: float, evidence: Evidence) -> str | None:
    """Read a factor as a count over all, or all over a count."""
    for count in _counts(evidence):
        n, every, words = count.n, count.every, count.words
        if n != every and is_number(ratio, n / every):
            return f"{n:g}/{every} where {words}: as if divided by {every} instead of {count.those}{_else(ratio)}"
        if n != every and is_number(ratio, every / n):
            return f"{every}/{n:g} where {words}: as if divided by {count.those} instead of {every}{_else(ratio)}"
    return None


def _else(ratio: float) -> str:
    """Say of a plain fraction that it has many origins: what counts need not have to do with it."""
    plain = Fraction(ratio).limit_denominator(ORIGINS)
    return f", or {plain} has another origin" if plain.denominator > 1 and is_number(ratio, float(plain)) else ""


def count_of(ratio: float, evidence: Evidence) -> str | None:
    """Read a factor as a count, or as one over it."""
    for count in _counts(evidence):
        if is_number(ratio, count.n):
            return f"{count.n:.6g} where {count.words}: as if not divided by {count.those}"
        if is_number(ratio, 1 / count.n):
            return f"1/{count.n:.6g} where {count.words}: as if divided by {count.those} once too often"
    return None


def _counts(evidence: Evidence) -> Iterator[Count]:
    given = {n: a for n, a in evidence.context.values.items() if n != evidence.name}
    for name, array in {**given, **evidence.context.data}.items():
        if not (array.ndim and array.size >= SEVERAL and array.dtype.kind in "fiub"):
            continue
        if not (array.shape == evidence.claim.shape and evidence.multiple(array.astype(np.float64))):  # not a buffer
            yield from _of(name, array)


def _of(name: str, array: Array) -> Iterator[Count]:
    every = array.size
    for words, which in _conditions(array):
        n = int(np.count_nonzero(which))
        if SEVERAL <= n < every:
            yield Count(f"{name} is {words} in {n} of {every}", f"those {n}", n, every)
    if array.dtype.kind == "f" and array.ndim == 1 and (array >= 0).all() and len(np.unique(array)) > SEVERAL:
        total = float(array.sum())
        yield Count(f"{name} adds up to {total:.6g}", "their sum", total, every)


def _conditions(array: Array) -> Iterator[tuple[str, Array]]:
    """Yield which entries of an array may be those that count."""
    if array.dtype.kind == "b":
        yield "true", array
    elif array.dtype.kind == "f" and not np.isfinite(array).all():
        yield "a number", np.isfinite(array)
    elif array.dtype.kind in "iu" and array.min() < 0:
        yield "not negative", array >= 0
    elif set(np.unique(array).tolist()) == {0, 1}:
        yield "1", array == 1
