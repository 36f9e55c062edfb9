"""Is the derivative with respect to log(x) taken where that with respect to x is meant, or the other way round?

Entry by entry the claim is then the measured slope times a simple function of the entry: x, 1/x, e^x, x (1 - x). Where
several mistakes give the same product all of them are named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradcheck._diagnose.acceptance import PATTERN
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.constant_factor import entries
from gradcheck._diagnose.evidence import ENOUGH, Evidence, Floats, where
from gradcheck._diagnose.units import unit

EXPONENT = 700.0  # e to the power of more is no number


@dataclass(frozen=True)
class Product:
    """A function of an entry that is multiplied in, and what it comes from."""

    words: str
    by: Floats
    positive: str  # what it comes from where all entries are positive
    any_sign: str = ""  # and where they are not; the same if nothing is given


def by_logarithm(evidence: Evidence) -> Cause | None:
    """Each entry of the claim is the measured one times a simple function of the entry itself."""
    x, moves = evidence.value, evidence.known & ~evidence.still
    if x is None or np.count_nonzero(moves) < ENOUGH or np.ptp(np.abs(x[moves])) <= PATTERN * np.abs(x[moves]).max():
        return None
    for product in _products(x, evidence.name):
        factor = _factor(evidence, product.by, moves)
        if factor is None:
            continue
        times, number = factor
        positive = bool((x[evidence.known] > 0).all())
        if not positive and not (moves & (x < 0)).any():
            return None  # zero where x is negative, as for a ReLU: other patterns recognise that
        meaning = product.positive if positive else product.any_sign or product.positive
        said = f"{entries(evidence)} {times}{product.words} times the measured value{number}: {meaning}"
        return Cause(Slip.LOGARITHM, evidence.name, said)
    return None


def by_logarithm_in_part(evidence: Evidence) -> Cause | None:
    """In the wrong entries alone, or in the one there is: it is a logarithm, or is given by one, and others are not."""
    x, part = evidence.value, evidence.wrong & evidence.known
    if x is None or not part.any() or (part.all() and part.size > 1) or not np.isfinite(evidence.claim[part]).all():
        return None
    names = _indexed(evidence)
    for words, by, meaning in _in_part(x, part, names):
        if evidence.explained(np.where(part, by * evidence.estimate, np.nan), by):
            place = where(evidence)
            those = f"the wrong entries{f' ({place})' if place else ''} are" if part.size > 1 else entries(evidence)
            said = f"{those} {words} times the measured value: {meaning}"
            return Cause(Slip.LOGARITHM, evidence.name, said)
    return None


def _indexed(evidence: Evidence) -> str:
    """Return the name of the one wrong entry, or that of the tensor."""
    at = np.argwhere(evidence.wrong)
    return f"{evidence.name}[{','.join(map(str, at[0]))}]" if at.shape[0] == 1 and at.shape[1] else evidence.name


def _in_part(x: Floats, part: NDArray[np.bool_], name: str) -> Iterator[tuple[str, Floats, str]]:
    """Yield what may be multiplied in, as it is said, and with respect to what that is the derivative."""
    plainly = f"instead of {name} itself"
    if np.abs(x[part]).max() < EXPONENT:
        yield f"e^-{name}", np.exp(-np.where(part, x, 0.0)), f"the derivative with respect to e^{name} {plainly}"
        yield f"e^{name}", np.exp(np.where(part, x, 0.0)), f"the derivative of an exponential of {name} is taken twice"
    if (x[part] > 0).all():
        yield name, x, f"the derivative with respect to the logarithm of {name} {plainly}"
        yield f"1/{name}", 1 / np.where(part, x, 1.0), f"divided by {name} once too often, or {name} is left out"
        of = f"the derivative with respect to the square of {name}, as by a variance, {plainly}"
        yield f"1/(2 {name})", 0.5 / np.where(part, x, 1.0), of
        root = f"the derivative with respect to the square root of {name}, as by a standard deviation, {plainly}"
        yield f"2 sqrt({name})", 2 * np.sqrt(np.where(part, x, 1.0)), root


def _products(x: Floats, name: str) -> Iterator[Product]:
    yield Product(
        name,
        x,
        f"the derivative with respect to the logarithm of {name} instead of {name} itself, the derivative of a "
        f"logarithm is missing, or {name} is multiplied in once too often",
        f"{name} is multiplied in once too often",
    )
    if x.all():
        often = f"divided by {name} once too often, or {name} is left out"
        over = (
            f"the derivative with respect to e^{name} instead of {name} itself, the derivative of a logarithm too often"
        )
        yield Product(f"1/{name}", 1 / x, f"{over}, or {often}", often)
    if np.abs(x).max(initial=0.0) < EXPONENT:
        yield Product(f"e^{name}", np.exp(x), f"the derivative of an exponential of {name} is taken twice")
    if ((x > 0) & (x < 1)).all():
        words = f"the derivative with respect to the logit of {name} instead of {name} itself"
        yield Product(f"{name} (1 - {name})", x * (1 - x), words)


def _factor(evidence: Evidence, by: Floats, moves: NDArray[np.bool_]) -> tuple[str, str] | None:
    """Return what constant stands before the product, in words, and its name; None if that is no pattern."""
    product = by * evidence.estimate
    size = float(np.sum(product[moves] ** 2))
    ratio = float(np.sum((evidence.claim * product)[moves])) / size if size > 0 else 0.0
    if not np.isfinite(ratio) or not evidence.explained(ratio * product, ratio * by, ENOUGH, fitted=1):
        return None
    if abs(abs(ratio) - 1) < PATTERN:
        return ("" if ratio > 0 else "minus "), ""
    known = unit(abs(ratio))
    return (f"{ratio:.6g} ", f", {known}") if known else None
