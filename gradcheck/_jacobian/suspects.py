"""Is an entry wrong that seems to be? Its row is measured alone, as a function of one number."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from gradcheck._entries.measure import Extent, measured
from gradcheck._jacobian.columns import Taken
from gradcheck._jacobian.probe import Probe, scales
from gradcheck._judge.tolerance import NONE, Standard
from gradcheck._judge.verdict import judge
from gradcheck._measure import derivative
from gradcheck._measure.slopes import Slopes
from gradcheck._model.oracle import Oracle
from gradcheck._model.questions import Entries, Floats
from gradcheck._model.subject import Subject
from gradcheck._results.estimate import DEVIATIONS
from gradcheck._results.floating import DOUBLE
from gradcheck._results.report import TensorResult
from gradcheck._results.verdict import Verdict

FEW = 12  # rows that are measured so; of others a short ladder tells
RUNGS = (64.0, 16.0, 4.0, 1.0, 1 / 4)  # of a short ladder, times the step of the sweep; as far apart as any ladder's

Numbers = tuple[float, float, float, float, int]  # estimate, uncertainty, left, right, verdict
Found = dict[tuple[int, int], Numbers]
SETTLED = (Verdict.CORRECT, Verdict.UNTESTED)


def suspected(probe: Probe, x: Floats, claimed: Entries, places: Iterable[tuple[int, int]], seed: int) -> Found:
    """Measure entries that seem wrong: with a short ladder each, and what then is not right row by row."""
    largest = claimed.largest()
    claims = dict(zip(zip(claimed.rows.tolist(), claimed.columns.tolist(), strict=True), claimed.values, strict=True))
    found: Found = {}
    for row, column in sorted(places, key=lambda place: place[1]):
        found[row, column] = _short(probe, x, (row, column), float(claims.get((row, column), 0.0)), largest)
    rows: dict[int, list[int]] = {}
    for (row, column), (*_, verdict) in found.items():
        if verdict not in SETTLED:
            rows.setdefault(row, []).append(column)
    worst = sorted(rows, key=lambda row: -max(_off(found[row, c], claims.get((row, c), 0.0)) for c in rows[row]))
    confirmed = True
    for row in worst[:FEW]:
        again = _row(probe, x, claimed, row, sorted(rows[row]), seed)
        confirmed &= all(again[place][-1] == found[place][-1] for place in again)
        found |= again
    for place in [(row, column) for row in worst[FEW:] for column in rows[row]] if not confirmed else []:
        found[place] = (*found[place][:-1], int(Verdict.UNDECIDED))  # a short ladder alone accuses nobody
    return found


def _off(numbers: Numbers, claim: float) -> float:
    return float(np.nan_to_num(abs(claim - numbers[0]), nan=np.inf))


def _short(probe: Probe, x: Floats, place: tuple[int, int], claim: float, largest: Floats) -> Numbers:
    """Measure an entry with a short ladder, whose evaluations serve all rows; its noise is that of rounding."""
    row, column = place
    all_taken = [Taken.of(probe, x, np.array([column]), times) for times in RUNGS]
    rungs = [(t.up[column], t.plus[row], t.down[column], -t.minus[row]) for t in all_taken]
    sigma = max(float(t.noise[row]) for t in all_taken) / DEVIATIONS
    scale = float(scales(x)[column])
    slopes = Slopes.of(rungs, len(rungs) - 1, sigma=sigma, scale=scale, relative=DOUBLE)
    estimate = derivative.summarise(slopes, sigma)
    standard = Standard(rtol=probe.rtol, rounding=max(DOUBLE, probe.matrix.eps), largest=float(largest[row]))
    verdict = judge(standard, claim, estimate)
    return estimate.value, estimate.uncertainty, estimate.left, estimate.right, int(verdict)


def _row(  # noqa: PLR0917  where, and what
    probe: Probe, x: Floats, claimed: Entries, row: int, columns: list[int], seed: int
) -> Found:
    """Measure some columns of a row, and that of its largest claim, to which they are compared."""
    mine = claimed.rows == row
    if mine.any():
        largest = int(claimed.columns[mine][np.argmax(np.nan_to_num(np.abs(claimed.values[mine])))])
        every = sorted({*columns, largest})
    else:
        every = columns

    kind = np.dtype(probe.matrix.dtype).type  # by which it is known how the outputs are rounded

    def value(part: Floats) -> np.floating:
        there = x.copy()
        there[every] = part
        return kind(probe(there)[row])  # type: ignore[no-any-return]

    def gradient(part: Floats) -> Floats:
        there = x.copy()
        there[every] = part
        same = probe.matrix.constant or np.array_equal(there, x)
        return (claimed if same else probe.claims(there)).row(row, every)

    subject = Subject.of(Oracle(x[every].copy(), value, gradient), promote=False).settled()
    claims = {"": gradient(x[every])}
    result = measured(subject, claims, Extent(seed, "all", 0, probe.rtol, NONE), subject)[""]
    return {(row, every[int(k)]): _of(result, n) for n, k in enumerate(result.flat) if every[int(k)] in columns}


def _of(result: TensorResult, n: int) -> Numbers:
    columns = (result.estimates, result.uncertainties, result.lefts, result.rights)
    estimate, uncertainty, left, right = (float(column[n]) for column in columns)
    return estimate, uncertainty, left, right, int(result.codes[n])
