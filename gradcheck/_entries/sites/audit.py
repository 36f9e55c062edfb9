"""Are slopes from shifts those of the whole function? Tested along directions through all, and for some entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gradcheck._entries.direction import TELLING
from gradcheck._entries.glance import CLAIM_NOISE, alike, at_random, slope_along
from gradcheck._entries.sites.slopes import EntrySlopes
from gradcheck._entries.under_test import UnderTest
from gradcheck._measure.line import Line
from gradcheck._model.leaf import in_line
from gradcheck._results.floating import DOUBLE

ENTRIES = 4  # of all tensors together, that are measured through the whole function as well
STEPS = (2.0**-12, 2.0**-16, 2.0**-20)  # of the scale, until no kink lies within
TELLS = 1e-4  # relative: a slope with a larger uncertainty is not used
DEVIATIONS = 4.0  # of what is unknown of a sum of slopes


def audited(tensors: Mapping[str, UnderTest], found: Mapping[str, EntrySlopes]) -> list[str]:
    """Return the tensors of which the slopes hold through the whole function."""
    trusted: list[str] = []
    for band in alike(tensors.values(), lambda tested: _influence(tested, found[tested.path])):
        if all(_along(band, found) for _ in range(TELLING)):
            trusted += [tested.path for tested in band]
        elif len(band) > 1:
            trusted += [t.path for t in band if all(_along([t], found) for _ in range(TELLING))]
    some = np.resize(
        np.array(sorted(trusted, key=lambda path: -tensors[path].leaf.array.size)), ENTRIES if trusted else 0
    )
    doubtful = {str(path) for path in some if not _entry(tensors[str(path)], found[str(path)])}
    return [path for path in trusted if path not in doubtful]


def _influence(tested: UnderTest, slopes: EntrySlopes) -> float:
    total = 0.0
    for rows, entries in slopes.blocks():
        total += float(np.sum((slopes.some(rows)[0].ravel() * tested.spread(entries)) ** 2))
    return float(total**0.5)


def _along(band: Sequence[UnderTest], found: Mapping[str, EntrySlopes]) -> bool:
    """Whether the slope along random coefficients of all entries is what those of the entries add up to."""
    sizes = [_influence(tested, found[tested.path]) for tested in band]
    least = min((size for size in sizes if size > 0), default=1.0)
    expected, unknown, length, moves = 0.0, 0.0, 0.0, {}
    for tested, size in zip(band, sizes, strict=True):
        weight = least / size if size > 0 else 1.0
        moves[tested.path] = drawn = tested.leaf.drawn(at_random(tested.rng), tested.spread, weight)
        move = in_line(drawn)
        for rows, entries in found[tested.path].blocks():
            slope, left = (part.ravel() for part in found[tested.path].some(rows))
            parts = slope * move[entries]
            expected, length = expected + float(parts.sum()), length + float(parts @ parts)
            unknown += float(np.sum((left * move[entries]) ** 2))
    line = band[0].subject.direction(moves)
    slack = DEVIATIONS * unknown**0.5 + CLAIM_NOISE * DOUBLE * length**0.5
    return _is_as_expected(line, max(tested.sigma for tested in band), expected, slack, length**0.5)


def _entry(tested: UnderTest, slopes: EntrySlopes) -> bool:
    """Whether a random entry has the slope that it is said to have."""
    rows, columns = slopes.shape
    row, column = int(tested.rng.integers(rows)), int(tested.rng.integers(columns))
    slope, unknown = (float(part[0, column]) for part in slopes.some(slice(row, row + 1)))
    return holds(tested, row * columns + column, slope, unknown)


def holds(tested: UnderTest, flat: int, slope: float, unknown: float) -> bool:
    """Whether an entry has this slope through the whole function."""
    scale, line = float(tested.scale(flat)), tested.subject.entry(tested.leaf, flat)
    largest = max(tested.standard.largest, abs(slope)) * scale
    return _is_as_expected(lambda t: (t, line(t * scale)[1]), tested.sigma, slope * scale, unknown * scale, largest)


def _is_as_expected(line: Line, sigma: float, expected: float, slack: float, size: float) -> bool:
    for step in STEPS:
        slope = slope_along(line, sigma, step)
        if slope.uncertainty <= TELLS * size and not slope.kink:
            return abs(slope.value - expected) <= slope.uncertainty + slack + DOUBLE * size
    return False
