"""Which factors, other than sizes, are gradients off by: logarithms, angles, units?"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

from gradcheck._diagnose.acceptance import PATTERN

MEASURED = 3e-5  # relative: how far apart commonly used values of a measured constant are
TURNED = "or the other way round"

EXACT = (  # over, under, and what stands for what
    ("ln 2", "", math.log(2), "a logarithm to base 2 for a natural one"),
    ("ln 10", "", math.log(10), "a logarithm to base 10 for a natural one"),
    ("10", "ln 10", 10 / math.log(10), "decibels for a natural logarithm"),
    ("20", "ln 10", 20 / math.log(10), "decibels for a natural logarithm"),
    ("180", "pi", 180 / math.pi, "degrees for radians"),
    ("2 pi", "", 2 * math.pi, "turns for radians"),
    ("pi", "", math.pi, "half turns for radians"),
    ("4.184", "", 4.184, "calories for joules"),
    ("365.25", "", 365.25, "days for years"),
)
ROUND = (  # numbers that stand for much else besides
    (60, "minutes for seconds"),
    (100, "per cent, or centi"),
    (252, "trading days for years"),
    (365, "days for years"),
    (1000, "kilo, or milli"),
    (3600, "hours for seconds"),
    (4184, "kilocalories for joules"),
    (86400, "days for seconds"),
    (1000000, "mega, or micro"),
)
HARTREE = {"hartree": 1.0, "eV": 27.2113862, "kcal/mol": 627.5095, "kJ/mol": 2625.4996, "cm^-1": 219474.63}
BOHR = 0.529177211  # ångström


def unit(ratio: float) -> str | None:
    """Read a factor as a known number, or as one over it; None if it is none of them."""
    for over, under, value, meaning, tolerance in _known():
        if abs(ratio / value - 1) < tolerance:
            return f"{_quotient(over, under)}: {meaning}, {TURNED}"
        if abs(ratio * value - 1) < tolerance:
            return f"{_quotient(under, over)}: {meaning}, {TURNED}"
    return None


def round_unit(ratio: float) -> str:
    """Return of which unit a factor, or one over it, may be that is a round number; nothing if of none."""
    return next((f", as of a unit: {meaning}" for number, meaning in ROUND if _is(ratio, number)), "")


def _is(ratio: float, number: float) -> bool:
    """Whether a factor is a number, or one over it."""
    return min(abs(ratio / number - 1), abs(ratio * number - 1)) < PATTERN


def _quotient(over: str, under: str) -> str:
    return f"{over or 1}/{f'({under})' if ' pi' in under else under}" if under else over


def _known() -> Iterator[tuple[str, str, float, str, float]]:
    yield from ((*known, PATTERN) for known in EXACT)
    for (small, few), (large, many) in itertools.combinations(HARTREE.items(), 2):
        yield f"{many / few:.7g}", "", many / few, f"{large} for {small}", MEASURED
    yield f"{1 / BOHR:.7g}", "", 1 / BOHR, "bohr for ångström", MEASURED
    for name, value in HARTREE.items():
        if value > 1:
            yield f"{value / BOHR:.7g}", "", value / BOHR, f"{name} per ångström for hartree per bohr", MEASURED
