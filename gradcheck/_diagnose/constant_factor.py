"""By what constant factor is it wrong, and where does such a factor come from?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from gradcheck._diagnose.acceptance import NEGLIGIBLE, PATTERN, TRIED, is_number, is_plain
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.counts import count_of, share_of
from gradcheck._diagnose.evidence import MATRIX, SEVERAL, Evidence, where
from gradcheck._diagnose.mean_or_sum import Reading, mean_over_two, quotient_of, readings, root_of, wrong_axis
from gradcheck._diagnose.of_the_value import of_another
from gradcheck._diagnose.size import Of
from gradcheck._diagnose.units import round_unit, unit

SIMPLE = {
    -1.0: "the sign is wrong",
    2.0: "a term counted twice, or the 2 of a square too many",
    0.5: "the 2 of a square is forgotten, or half of the uses",
    -2.0: "the sign is wrong, and a term counted twice",
    -0.5: "the sign is wrong, and the 2 of a square is forgotten",
}
AT_ZERO = {0.25: "1/4, is multiplied in once too often", 4.0: "1/4, is left out"}
DIGITS = 1e-9  # relative: a norm that is held to a number is that number except for rounding
NEARLY = 0.9  # of a norm: a slope just below it has that norm by itself, less an epsilon; it was not made longer
NEXT = 1e-3  # relative: how far from a whole number a factor is that single precision measured
SHORT = 16  # entries of a vector each of which has a meaning of its own: two readings of each, to six digits
POWERS = (3, 4)  # that stand before many a derivative


def factor(evidence: Evidence) -> Cause | None:
    """One constant factor between claim and estimate, and where it comes from."""
    ratio = _ratio(evidence, evidence.known, fitted=0)  # it has to be one of few numbers
    if ratio is None:
        return None
    meaning = _meaning(ratio, evidence)
    if meaning is None and np.count_nonzero(evidence.known & ~evidence.still) > 1:  # of one number there is always one
        meaning = _norm(evidence)
    if meaning is None:
        return None
    return Cause(Slip.FACTOR, evidence.name, f"{entries(evidence)} {_number(ratio)} the measured value: {meaning}")


def unknown(evidence: Evidence) -> Cause | None:
    """One constant factor of unknown origin."""
    ratio = _ratio(evidence, evidence.known, fitted=1)
    if ratio is None or np.count_nonzero(evidence.known & ~evidence.still) < SEVERAL:
        return None
    said = f"every entry is {_number(ratio)} the measured value: {_meaning_or_none_known(ratio, evidence)}"
    return Cause(Slip.UNKNOWN_FACTOR, evidence.name, said)


def entries(evidence: Evidence) -> str:
    """Return the subject of a sentence on all entries, of which there may be one."""
    return "it is" if evidence.estimate.size == 1 else "every entry is"


def factor_in_part(evidence: Evidence) -> Cause | None:
    """One constant factor in the wrong entries alone."""
    ratio = _ratio(evidence, evidence.wrong, fitted=0)
    if ratio is None:
        return None
    known = _simple(ratio) or entry_of(ratio, evidence)  # of one entry any other factor is as good
    if not known and _ratio(evidence, evidence.wrong, fitted=1) is None:
        return None
    place = where(evidence)
    return Cause(
        Slip.FACTOR_IN_PART,
        evidence.name,
        f"the wrong entries{f' ({place})' if place else ''} are {_number(ratio)} the measured value: "
        f"{_meaning_or_none_known(ratio, evidence)}",
    )


def _ratio(evidence: Evidence, part: NDArray[np.bool_], fitted: int) -> float | None:
    """Return the factor between claim and estimate over a part of the entries, None if there is not one."""
    c, e = evidence.claim[part], evidence.estimate[part]
    size = float(np.max(np.abs(e), initial=0.0))
    if not np.isfinite(c).all() or not size > 0:
        return None
    share = e / size  # whose square neither overflows nor vanishes
    ratio = float(np.sum(c / size * share) / np.sum(share * share))
    if (
        not NEGLIGIBLE < abs(ratio) < 1 / NEGLIGIBLE or abs(ratio - 1) < PATTERN
    ):  # one is negligible beside the other, or both are alike
        return None
    for number in dict.fromkeys((*_whole(ratio), *_plain(ratio), ratio)):
        tried = len(SIMPLE) if number in SIMPLE else TRIED  # the plainest are few: one number tells them from chance
        if evidence.explained(np.where(part, number * evidence.estimate, np.nan), number, fitted=fitted, tried=tried):
            return number
    return None


def _plain(ratio: float) -> Iterator[float]:
    """Yield the simple factor that a factor is, except for rounding."""
    yield from (number for number in SIMPLE if is_number(ratio, number))


def _whole(ratio: float) -> Iterator[float]:
    """Yield the whole number, or one over one, that is next to a factor: it may be known no better than to that."""
    n = round(max(abs(ratio), 1 / abs(ratio)))
    number = math.copysign(n if abs(ratio) > 1 else 1 / n, ratio)
    if n > 1 and PATTERN < abs(ratio / number - 1) < NEXT:
        yield number


def _number(ratio: float) -> str:
    if abs(ratio + 1) < PATTERN:
        return "minus"
    if abs(ratio - 2) < PATTERN:
        return "exactly twice"
    if abs(ratio - 0.5) < PATTERN:
        return "exactly half"
    rounded = round(ratio)
    if rounded and abs(ratio / rounded - 1) < PATTERN:
        return f"{rounded} times"
    return f"{ratio:.6g} times" if f"{abs(ratio):.6g}" != "1" else f"{ratio:.9g} times"


def _simple(ratio: float) -> str | None:
    return next((s for value, s in SIMPLE.items() if abs(ratio / value - 1) < PATTERN), None)


def _meaning(ratio: float, evidence: Evidence) -> str | None:
    """Return what a factor usually comes from, None if that is not known."""
    simple = _simple(ratio)
    if simple:
        also = (_setting, share_of, _root_of_width, wrong_axis)  # no less likely, so that all are said
        others = [words for read in also if (words := read(abs(ratio), evidence))]
        others = others or [words for words in (mean_over_two(ratio, evidence),) if words]
        return simple + "".join(f" (or {words})" for words in others)
    # a whole number that is a size mostly has a name besides
    readers = (_at_zero, share_of, of_size, count_of, _real_setting, unit_of)
    if not any(reading.times == 1 for reading in _readings(abs(ratio), evidence)):
        # twice a size, or half of one, is less likely than a number itself
        readers = (_at_zero, _setting, share_of, count_of, of_size, unit_of)
    found = [words for read in readers if (words := read(abs(ratio), evidence))]
    found = found or [words for words in (root_of(abs(ratio), evidence),) if words]
    if not found:
        return entry_of(ratio, evidence) or of_another(ratio, evidence) or quotient_of(ratio, evidence)
    other = f" (or {found[1]})" if len(found) > 1 else ""
    return f"{_sign(ratio)}{found[0]}{other}"


def _at_zero(ratio: float, evidence: Evidence) -> str | None:
    """Read a factor as the slope of a sigmoid where all weights are zero, and with them what they make."""
    if evidence.value is None or evidence.value.any():
        return None
    often = next((words for number, words in AT_ZERO.items() if is_number(ratio, number)), None)
    return f"the derivative of a sigmoid at 0, {often}" if often else None


def _root_of_width(ratio: float, evidence: Evidence) -> str | None:
    """Read a factor as the root of a width that two matrices share, as in the scores of attention."""
    arrays = {**evidence.context.values, **evidence.context.data}.values()
    widths = [array.shape[-1] for array in arrays if array.ndim >= MATRIX]
    for n in (n for n in dict.fromkeys(widths) if widths.count(n) > 1):
        if is_number(ratio, n**0.5) or is_number(ratio, n**-0.5):
            return f"the square root of {n}, a width: a scale by it is forgotten, or taken twice"
    return None


def entry_of(ratio: float, evidence: Evidence) -> str | None:
    """Read a factor as an entry of a short vector of the point, as the amplitude that stands before a rate.

    No quotient of small whole numbers is read so: many a factor is one, and so are many entries.
    """
    vectors = {n: v for n, v in evidence.context.floats.items() if v.ndim == 1 and 1 < v.size <= SHORT}
    every = [(f"{name}[{k}]", float(x)) for name, vector in vectors.items() for k, x in enumerate(vector)]
    entries = [(entry, x) for entry, x in every if x and not is_plain(x)]
    for entry, x in entries:  # what is left out more often than what is there twice
        if is_number(abs(ratio), 1 / abs(x)):
            return f"{_sign(ratio / x)}1/{entry}, with {entry} = {x:.6g}, which is forgotten, or taken twice"
    for entry, x in entries:
        if is_number(abs(ratio), abs(x)):
            return f"{_sign(ratio / x)}{entry} = {x:.6g}, which is forgotten, or taken twice"
    return None


def unit_of(ratio: float, _: Evidence) -> str | None:
    """Read a factor as a number that is known in itself."""
    return unit(ratio)


def of_size(ratio: float, evidence: Evidence) -> str | None:
    """Read a factor as the size of something, and as the size of something else that is as likely."""
    found = _readings(ratio, evidence)
    if not found:
        return None
    first, *others = sorted(found, key=lambda reading: reading.rank)
    likely = [r.words for r in others if r.size.of is not Of.WIDTH]
    if first.size.of is Of.BATCH:
        likely = []
    elif round(ratio) in POWERS and first.times == 1:
        likely.append(f"the {round(ratio)} of a power")
    return f"{first.words}: {first.end}" + (f" (or {likely[0]})" if likely else "")


def _readings(ratio: float, evidence: Evidence) -> list[Reading]:
    return [r for size in evidence.sizes if size.n > 1 for r in readings(ratio, size)]


def _meaning_or_none_known(ratio: float, evidence: Evidence) -> str:
    found = _meaning(ratio, evidence)
    return found or f"{_sign(ratio)}a constant factor wrong or forgotten{round_unit(abs(ratio))}"


def _sign(ratio: float) -> str:
    return "wrong sign, and " if ratio < 0 else ""


def _setting(ratio: float, evidence: Evidence) -> str | None:
    """Read a factor as a plain number that a layer holds: a rate, a slope, a scale, the size of a window."""
    return _read_as(ratio, numbers_seen(evidence))


def _real_setting(ratio: float, evidence: Evidence) -> str | None:
    """Read a factor as such a number that counts nothing: a temperature of 4.0 beside a batch of four."""
    return _read_as(ratio, numbers_seen(evidence, whole=False))


def _read_as(ratio: float, numbers: Iterable[tuple[str, float]]) -> str | None:
    for name, value in numbers:
        read = {name: value, f"{name}^2": value * value}
        if value % 1:  # of a whole number a neighbour is any other one
            read |= {f"1 - {name}": 1 - value, f"1 + {name}": 1 + value}
        if 0 < value < 1 and (words := _exchanged(ratio, name, value)):
            return words
        for words, number in read.items():
            if number > 0:
                end = f"with {name} = {value:g}, which is forgotten, or taken twice"
                if is_number(ratio, number):
                    return f"{words} {end}" if words != name else end.removeprefix("with ")
                if is_number(ratio, 1 / number):
                    return f"1/({words}) {end}" if words != name else f"1/{name}, {end}"
    return None


def _exchanged(ratio: float, name: str, value: float) -> str | None:
    """Read a factor as a probability over what is left of one, or the other way round."""
    for taken, meant, number in ((name, f"1 - {name}", value / (1 - value)), (f"1 - {name}", name, 1 / value - 1)):
        if is_number(ratio, number):
            return f"{taken} where {meant} is meant, with {name} = {value:g}, or one over them the other way round"
    return None


def numbers_seen(evidence: Evidence, *, whole: bool = True) -> Iterator[tuple[str, float]]:
    """Yield the numbers that the function sees: what a layer holds, arguments, what stands in a closure.

    Those of the type of whole numbers only if wanted.
    """
    yield from ((name, float(n)) for name, n in evidence.context.numbers.items() if whole or not isinstance(n, int))
    for name, array in {**evidence.context.values, **evidence.context.data}.items():
        beside = name.endswith("]") and name.rpartition("[")[0] == evidence.name.rpartition("[")[0]  # in the same list
        if array.size == 1 and name != evidence.name and not beside and array.dtype.kind in ("fiub" if whole else "f"):
            yield name, float(array.reshape(()))


def _norm(evidence: Evidence) -> str | None:
    """A gradient whose norm is 1, another number of one digit, or one that the function sees: normalised or clipped."""
    norm = float(np.sqrt(np.sum(evidence.claim**2)))
    if not evidence.whole or not norm > 0 or evidence.alike:
        return None
    digit, measured = float(f"{norm:.0e}"), float(np.sqrt(np.sum(evidence.estimate**2)))
    if NEARLY * norm < measured < norm:
        return None
    if abs(norm / digit - 1) < (PATTERN if digit == 1 else DIGITS):
        how = "normalised, or clipped to a norm" if digit == 1 else "clipped to a norm"
        return f"its norm is {digit:g}: the gradient was {how}"
    named = next((name for name, n in numbers_seen(evidence) if n > 0 and abs(norm / n - 1) < DIGITS), None)
    return f"its norm is {norm:.6g}, {named}: the gradient was clipped to a norm" if named else None
