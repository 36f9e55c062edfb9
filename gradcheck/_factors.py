"""By what factor is it wrong, and where does such a factor come from? A constant, one for each slice, an array."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gradcheck._case import RELATIVE, Case, Floats, where

SIMPLE = {
    -1.0: "the sign is wrong",
    2.0: "a term counted twice, or the 2 of a square too many",
    0.5: "the 2 of a square is forgotten, or half of the uses",
    -2.0: "the sign is wrong, and a term counted twice",
    -0.5: "the sign is wrong, and the 2 of a square is forgotten",
}
UNKNOWN = "a constant factor wrong or forgotten"


def factor(case: Case) -> str | None:
    """One constant factor between claim and estimate."""
    ratio = _ratio(case, case.known)
    if ratio is None:
        return None
    meaning = _meaning(ratio, case)
    if meaning.endswith(UNKNOWN):
        if np.count_nonzero(case.known & ~case.still) < 2:
            return None  # of one number there is always a factor
        norm = _norm(case)
        if norm is None:
            return None
        meaning = norm
    return f"every entry is {_number(ratio)} the measured value: {meaning}"


def unknown(case: Case) -> str | None:
    """One constant factor, of which nobody knows where it comes from."""
    ratio = _ratio(case, case.known)
    if ratio is None or np.count_nonzero(case.known & ~case.still) < 2:
        return None
    return f"every entry is {_number(ratio)} the measured value: {_meaning(ratio, case)}"


def factor_in_part(case: Case) -> str | None:
    """One constant factor in the wrong entries alone."""
    ratio = _ratio(case, case.wrong)
    if ratio is None or (np.count_nonzero(case.wrong) < 2 and _simple(ratio) is None):
        return None
    place = where(case)
    return (
        f"the wrong entries{f' ({place})' if place else ''} are {_number(ratio)} the measured value: "
        f"{_meaning(ratio, case)}"
    )


def slices(case: Case) -> str | None:
    """A factor for each slice along an axis: a gain or a scale."""
    for axis in range(case.claim.ndim):
        rest = tuple(a for a in range(case.claim.ndim) if a != axis)
        lively = case.known & ~case.still
        if case.claim.shape[axis] < 2 or int(np.sum(lively, axis=rest, initial=0).max()) < 3 or not case.whole:
            continue
        squares = np.sum(case.estimate**2, axis=rest, keepdims=True)
        if not (squares > 0).all():
            continue
        ratios = np.sum(case.claim * case.estimate, axis=rest, keepdims=True) / squares
        if np.isfinite(ratios).all() and np.ptp(ratios) > RELATIVE and case.explained(ratios * case.estimate, ratios):
            name = {0: "row", 1: "column"}.get(axis, "slice") if case.claim.ndim == 2 else f"slice along axis {axis}"
            low, high = float(ratios.min()), float(ratios.max())
            return (
                f"each {name} has a factor of its own, from {low:.3g} to {high:.3g}"
                f"{_vector(ratios.ravel(), case)}: a gain or a scale along axis {axis} missing or misplaced"
            )
    return None


def _vector(ratios: Floats, case: Case) -> str:
    """Say which known vector the factors of the slices are."""
    for name, array in {**case.context.values, **case.context.data}.items():
        if array.shape == ratios.shape and array.dtype.kind == "f":
            if np.allclose(ratios, array, rtol=1e-5, atol=0):
                return f", which is {name}"
            if np.allclose(ratios * array, 1, rtol=1e-5, atol=0):
                return f", which is 1/{name}"
    return ""


def known_array(case: Case) -> str | None:
    """A factor that is one of the arrays that the function sees: left out, or taken too often."""
    for name, array in _alike(case):
        if np.count_nonzero((array != 0) & ~case.still & case.known) < 3 or np.ptp(array) <= RELATIVE:
            continue
        if case.explained(case.estimate * array, array):
            return f"{name} times the measured gradient: {name} is multiplied in once too often"
        with np.errstate(divide="ignore", invalid="ignore"):
            inverse = np.where(array != 0, 1 / array, np.nan)
        fits = case.still[array == 0].all() and case.explained(case.estimate * inverse, np.nan_to_num(inverse))
        if fits:
            return f"times {name} it would be the measured gradient: {name} is left out"
    return None


def _alike(case: Case) -> Iterator[tuple[str, Floats]]:
    """Yield the arrays that could be multiplied in: of the same shape, or a vector along the last axis."""
    for name, array in {**case.context.values, **case.context.data}.items():
        if array.dtype.kind not in "fb" or name == case.name or not case.claim.ndim:
            continue
        if array.shape == case.claim.shape or (array.ndim == 1 and array.shape == case.claim.shape[-1:]):
            yield name, np.broadcast_to(array.astype(np.float64), case.claim.shape)


def _ratio(case: Case, part: NDArray[np.bool_]) -> float | None:
    """Return the factor between claim and estimate over a part of the entries, None if there is not one."""
    c, e = case.claim[part], case.estimate[part]
    if not np.isfinite(c).all() or not len(e) or not float(np.sum(e * e)) > 0:
        return None
    ratio = float(np.sum(c * e) / np.sum(e * e))
    if not 1e-9 < abs(ratio) < 1e9 or abs(ratio - 1) < RELATIVE:  # one is nothing beside the other, or both alike
        return None
    prediction = np.where(part, ratio * case.estimate, np.nan)
    return ratio if case.explained(prediction, ratio) else None


def _number(ratio: float) -> str:
    if abs(ratio + 1) < RELATIVE:
        return "minus"
    if abs(ratio - 2) < RELATIVE:
        return "exactly twice"
    if abs(ratio - 0.5) < RELATIVE:
        return "exactly half"
    rounded = round(ratio)
    return f"{rounded} times" if rounded and abs(ratio / rounded - 1) < RELATIVE else f"{ratio:.6g} times"


def _simple(ratio: float) -> str | None:
    return next((s for value, s in SIMPLE.items() if abs(ratio / value - 1) < RELATIVE), None)


def _meaning(ratio: float, case: Case) -> str:
    """Return what a factor usually comes from."""
    simple = _simple(ratio)
    if simple:
        return simple
    prefix = "wrong sign, and " if ratio < 0 else ""
    readings = [r for name, n in case.sizes.items() if n > 1 for r in _readings(abs(ratio), name, n)]
    if not readings:
        return prefix + (_setting(abs(ratio), case) or _root(abs(ratio), case) or UNKNOWN)
    ((_, remote), first, end), *others = sorted(readings, key=lambda r: r[0])
    others = [r for r in others if "a width of" not in r[1]]
    other = f" (or {others[0][1]})" if others and remote else ""
    return f"{prefix}{first}: {end}{other}"


def _readings(ratio: float, name: str, n: int) -> Iterator[tuple[tuple[bool, bool], str, str]]:
    """Yield how a factor may be read as a size: whether that is far-fetched, in words, and what it comes from."""
    batch = "batch" in name
    count = batch or name.startswith(("the first axis", "the number"))
    for times, words in ((1.0, ""), (2.0, "twice "), (0.5, "half of ")) if count else ((1.0, ""),):
        rank = (times != 1, not batch)
        if abs(ratio / (n * times) - 1) < RELATIVE:
            end = "a sum where the mean over the batch is meant" if batch else "a sum where a mean over it is meant"
            yield rank, f"{round(n * times)} is {words}{'' if times == 1 else f'{n}, '}{name}", end
        if abs(ratio * n / times - 1) < RELATIVE:
            end = "the mean over the batch taken twice, or a mean where a sum is meant" if batch else ONCE
            yield rank, f"{times:g}/{n} with {n} {name}", end


def _setting(ratio: float, case: Case) -> str | None:
    """Read a factor as a plain number that a layer holds: a rate, a slope, a scale, the size of a window."""
    for name, value in case.context.numbers.items():
        read = {name: value, f"1 - {name}": 1 - value, f"1 + {name}": 1 + value, f"{name}^2": value * value}
        for words, number in read.items():
            if number > 0 and abs(number - 1) > RELATIVE:
                end = f"with {name} = {value:g}, which is forgotten, or taken twice"
                if abs(ratio / number - 1) < RELATIVE:
                    return f"{words} {end}"
                if abs(ratio * number - 1) < RELATIVE:
                    return f"1/({words}) {end}"
    return None


def _root(ratio: float, case: Case) -> str | None:
    """Read a factor as the root of a size, or as what an unbiased variance differs by."""
    for name, n in sorted(case.sizes.items(), key=lambda item: item[1]):
        roots = {
            f"the square root of {n}, {name}: a scale by it is forgotten, or taken twice": n**0.5,
            f"{n}/{n - 1} with {n} {name}: divided by n - 1 where n is meant, or the other way round": n
            / max(n - 1, 1),
            f"the square root of {n}/{n - 1} with {n} {name}: a variance over n - 1 where n is meant, "
            "or the other way round": (n / max(n - 1, 1)) ** 0.5,
        }
        for words, root in roots.items():
            if n > 2 and abs(ratio / root - 1) < RELATIVE:
                return words
            if n > 2 and abs(ratio * root - 1) < RELATIVE:
                return f"1 over {words}"
    return None


ONCE = "a mean taken once too often, or a mean where a sum is meant"


def _norm(case: Case) -> str | None:
    """A gradient whose norm is 1: normalised or clipped."""
    norm = float(np.sqrt(np.sum(case.claim**2)))
    if case.whole and abs(norm - 1) < RELATIVE:
        return "its norm is 1: the gradient was normalised, or clipped to a norm"
    return None
