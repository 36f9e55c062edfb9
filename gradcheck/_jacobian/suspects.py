"""Is a suspected entry really wrong? Its row is measured alone, as a function of one number."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np

from gradcheck._entries.glance import by_two_steps
from gradcheck._jacobian.columns import Taken, comparable
from gradcheck._jacobian.groups import groups
from gradcheck._jacobian.probe import Probe, scales
from gradcheck._jacobian.rows import Found, Numbers, measured_alone
from gradcheck._judge.tolerance import Standard
from gradcheck._judge.verdict import judge
from gradcheck._measure import derivative
from gradcheck._measure.extrapolate import RATIO
from gradcheck._measure.slopes import Slopes
from gradcheck._model.questions import Entries, Floats
from gradcheck._results.estimate import DEVIATIONS
from gradcheck._results.floating import DOUBLE
from gradcheck._results.verdict import Verdict

FEW = 12  # rows that are measured so; of others a short ladder tells
FEW_MORE = 64  # likewise, where it did not say the same: of others nothing is told
RUNGS = (64.0, 16.0, 4.0, 1.0, 1 / 4)  # of a short ladder, times the step of the sweep; as far apart as any ladder's

MANY = 12  # entries that are measured alone, all of them; of more a sample, as long as it says the same
SURELY = 4.0  # uncertainties of the slope of two steps, and tolerances, that such an entry is off by
SAMPLED = 2  # rows of a sample: those that are off most, and as many that are least sure
SPARSE = 1 / 4  # in a matrix with a larger filled share hardly any two columns can share a ladder

Claims = dict[tuple[int, int], float]
Beside = Callable[[int, int], float]  # what the entry at a place is compared with
SETTLED = (Verdict.CORRECT, Verdict.UNTESTED)
SURE = (*SETTLED, Verdict.WRONG)


def suspected(  # noqa: PLR0917  where, and what
    probe: Probe, x: Floats, claimed: Entries, places: Iterable[tuple[int, int]], moves: Entries, seed: int
) -> Found:
    """Measure entries that seem wrong: with a short ladder each, and what then is not right row by row.

    Of many those that are off by far are told by two steps, all of a column at once. `moves` are the entries that may
    be other than zero: columns that share no row of these climb together. Of many that are wrong by then some are
    measured alone, the worst and the least sure; if they are wrong, so is the rest.
    """
    largest = claimed.largest()
    claims = dict(zip(zip(claimed.rows.tolist(), claimed.columns.tolist(), strict=True), claimed.values, strict=True))
    places = sorted(places, key=lambda place: place[::-1])
    found = _by_far(probe, x, claims, places, moves, largest) if len(places) > MANY else {}
    others = [place for place in places if place not in found]
    found |= _by_short_ladders(probe, x, claims, others, moves, _beside(claimed, x, largest))
    left = [place for place, (*_, verdict) in found.items() if verdict not in SETTLED]
    if len(left) > MANY and all(found[place][-1] == Verdict.WRONG for place in left):
        again: Found = {}
        for row, column in _sample(left, found, claims):
            again |= measured_alone(probe, x, claimed, row, [column], seed)
        if all(again[place][-1] == Verdict.WRONG for place in again):
            return found | again
    return found | _by_rows(probe, x, claimed, found, claims, seed)


def _beside(claimed: Entries, x: Floats, largest: Floats) -> Beside:
    """Return what an entry is compared with: of one that is not claimed the largest claim of its row."""
    known = dict(
        zip(zip(claimed.rows.tolist(), claimed.columns.tolist(), strict=True), comparable(claimed, x), strict=True)
    )
    return lambda row, column: float(known.get((row, column), largest[row]))


def _by_far(  # noqa: PLR0917  where, and what
    probe: Probe, x: Floats, claims: Claims, places: list[tuple[int, int]], moves: Entries, largest: Floats
) -> Found:
    """Return those of the entries that are off by far, and bend no more at a finer step than a smooth function does."""
    rows = _by_column(places)
    standard = Standard(rtol=probe.rtol, rounding=max(DOUBLE, probe.matrix.eps), largest=1.0)
    found: Found = {}
    for group in _together(moves, sorted(rows)):
        wide, narrow = (Taken.of(probe, x, np.array(group), times) for times in (1.0, 1 / RATIO))
        for column in group:
            which = np.array(rows[column])
            claim = np.array([claims.get((row, column), 0.0) for row in rows[column]], dtype=np.float64)
            step, finer = wide.steps[column], narrow.steps[column]
            with np.errstate(all="ignore"):
                left, right, error = (part[which] / finer for part in (narrow.minus, narrow.plus, narrow.noise))
                rises = (wide.plus[which], -wide.minus[which], narrow.plus[which], -narrow.minus[which])
                slope, unknown, kink = by_two_steps(rises, step, error)
                matters = standard.tolerance(np.fmax(np.abs(claim), np.abs(slope)))
                matters += standard.tolerance(0.0) * largest[which]
                sure = ~kink & (np.abs(claim - slope) > SURELY * (unknown + matters))
            for n in np.flatnonzero(sure):
                numbers = (float(slope[n]), float(unknown[n]), float(left[n]), float(right[n]))
                found[int(which[n]), column] = (*numbers, int(Verdict.WRONG))
    return found


def _by_column(places: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """Return the rows of the entries of each column."""
    rows: dict[int, list[int]] = {}
    for row, column in places:
        rows.setdefault(column, []).append(row)
    return rows


def _by_short_ladders(  # noqa: PLR0917  where, and what
    probe: Probe, x: Floats, claims: Claims, places: Iterable[tuple[int, int]], moves: Entries, beside: Beside
) -> Found:
    """Measure entries with short ladders, of which columns that share no row climb one; in doubt each by itself."""
    rows = _by_column(places)
    found: Found = {}
    for group in _together(moves, sorted(rows)):
        for column in group:
            for row in rows[column]:
                claim = float(claims.get((row, column), 0.0))
                numbers = _short(probe, x, (row, column), group, claim, beside(row, column))
                if len(group) > 1 and numbers[-1] not in SURE:
                    numbers = _short(probe, x, (row, column), [column], claim, beside(row, column))
                found[row, column] = numbers
    return found


def _together(moves: Entries, columns: list[int]) -> list[list[int]]:
    """Return groups of some columns of which no two move the same row."""
    if len(columns) == 1 or len(moves.values) > SPARSE * moves.shape[0] * moves.shape[1]:
        return [[column] for column in columns]
    place = np.full(moves.shape[1], -1)
    place[columns] = np.arange(len(columns))
    mine = place[moves.columns] >= 0
    part = Entries(moves.rows[mine], place[moves.columns[mine]], moves.values[mine], (moves.shape[0], len(columns)))
    return [[columns[k] for k in group] for group in groups(part)]


def _sample(left: list[tuple[int, int]], found: Found, claims: Claims) -> list[tuple[int, int]]:
    """Return entries of which each is in a row of its own: those that are off most, and those that are least sure."""

    def off(place: tuple[int, int]) -> float:
        return _off(found[place], float(claims.get(place, 0.0)))

    def sure(place: tuple[int, int]) -> float:
        return float(np.divide(off(place), found[place][1])) if found[place][1] else np.inf

    worst, least = sorted(left, key=lambda place: -off(place)), sorted(left, key=sure)
    chosen: dict[int, tuple[int, int]] = {}
    for order in (worst, least):
        fresh = [place for place in order if place[0] not in chosen]
        rows = dict.fromkeys(place[0] for place in fresh)
        first = {row: next(place for place in fresh if place[0] == row) for row in [*rows][:SAMPLED]}
        chosen |= first
    return [*chosen.values()]


def _by_rows(  # noqa: PLR0917  where, and what
    probe: Probe, x: Floats, claimed: Entries, known: Found, claims: Claims, seed: int
) -> Found:
    """Measure what is not right in the worst rows; where that is not what short ladders say, the rest stays open."""
    found: Found = {}
    rows: dict[int, list[int]] = {}
    for (row, column), (*_, verdict) in known.items():
        if verdict not in SETTLED:
            rows.setdefault(row, []).append(column)
    worst = sorted(rows, key=lambda row: -max(_off(known[row, c], claims.get((row, c), 0.0)) for c in rows[row]))
    confirmed = True
    for n, row in enumerate(worst):
        if n >= (FEW if confirmed else FEW_MORE):
            break
        again = measured_alone(probe, x, claimed, row, sorted(rows[row]), seed)
        confirmed &= all(again[place][-1] == known[place][-1] for place in again)
        found |= again
    for place in [(row, column) for row in worst[FEW_MORE:] for column in rows[row]] if not confirmed else []:
        found[place] = (*known[place][:-1], int(Verdict.UNDECIDED))  # nothing is called wrong on a short ladder alone
    return found


def _off(numbers: Numbers, claim: float) -> float:
    off = abs(float(claim) - numbers[0])
    return math.inf if math.isnan(off) else off


def _short(  # noqa: PLR0917  where, and what
    probe: Probe, x: Floats, place: tuple[int, int], group: list[int], claim: float, largest: float
) -> Numbers:
    """Measure an entry with a short ladder, whose evaluations serve all rows; its noise is that of rounding."""
    row, column = place
    all_taken = [Taken.of(probe, x, np.array(group), times) for times in RUNGS]
    rungs = [(t.up[column], t.plus[row], t.down[column], -t.minus[row]) for t in all_taken]
    sigma = max(float(t.noise[row]) for t in all_taken) / DEVIATIONS
    scale = float(scales(x)[column])
    slopes = Slopes.of(rungs, len(rungs) - 1, sigma=sigma, scale=scale, relative=DOUBLE)
    estimate = derivative.summarise(slopes, sigma)
    standard = Standard(rtol=probe.rtol, rounding=max(DOUBLE, probe.matrix.eps), largest=largest)
    verdict = judge(standard, claim, estimate)
    return estimate.value, estimate.uncertainty, estimate.left, estimate.right, int(verdict)
