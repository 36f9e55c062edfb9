"""By what constant factor is it wrong, and where does such a factor come from?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gradcheck._diagnose.evidence import RELATIVE, Case, where
from gradcheck._diagnose.mean_or_sum import readings, root_of

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
    found = [r for name, n in case.sizes.items() if n > 1 for r in readings(abs(ratio), name, n)]
    if not found:
        return prefix + (_setting(abs(ratio), case) or root_of(abs(ratio), case) or UNKNOWN)
    ((_, remote), first, end), *others = sorted(found, key=lambda r: r[0])
    others = [r for r in others if "a width of" not in r[1]]
    other = f" (or {others[0][1]})" if others and remote else ""
    return f"{prefix}{first}: {end}{other}"


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


def _norm(case: Case) -> str | None:
    """A gradient whose norm is 1: normalised or clipped."""
    norm = float(np.sqrt(np.sum(case.claim**2)))
    if case.whole and abs(norm - 1) < RELATIVE:
        return "its norm is 1: the gradient was normalised, or clipped to a norm"
    return None
