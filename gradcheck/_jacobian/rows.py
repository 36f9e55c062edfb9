"""What are some entries of a row? They are measured alone, as a function of a few numbers that returns one.

Where that accuses a claim by little, or of a number that others are equal to, once more as all entries of the row are
moved: what another entry sets, such as how many steps an iteration takes, or which of them comes first, does not show
along one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._entries import one_by_one
from gradcheck._entries.look import SLIGHT
from gradcheck._entries.measure import Extent, measured, standards
from gradcheck._entries.ties import judge_ties
from gradcheck._entries.under_test import UnderTest
from gradcheck._jacobian.probe import Probe
from gradcheck._judge.tolerance import NONE
from gradcheck._model.oracle import Oracle
from gradcheck._model.questions import Entries, Floats
from gradcheck._model.subject import Subject
from gradcheck._results.verdict import Verdict

Numbers = tuple[float, float, float, float, int]  # estimate, uncertainty, left, right, verdict
Found = dict[tuple[int, int], Numbers]


def measured_alone(  # noqa: PLR0917  where, and what
    probe: Probe, x: Floats, claimed: Entries, row: int, columns: list[int], seed: int
) -> Found:
    """Measure some columns of a row, and that of its largest claim, to which they are compared."""
    mine = claimed.rows == row
    if mine.any():
        largest = int(claimed.columns[mine][np.argmax(np.nan_to_num(np.abs(claimed.values[mine])))])
        every = sorted({*columns, largest})
    else:
        every = columns
    name, extent = probe.matrix.name, Extent(seed, "all", 0, probe.rtol, NONE)
    subject = _of_columns(probe, x, claimed, row, every)
    result = measured(subject, subject.claims(), extent, subject)[name]
    table = (result.estimates, result.uncertainties, result.lefts, result.rights)
    numbers = {every[int(k)]: _numbers(table, result.codes, n) for n, k in enumerate(result.flat)}
    open_ = _by_little(result.claims, result.estimates) | _tied(x, every)[result.flat]
    doubted = result.flat[(result.codes == Verdict.WRONG) & open_]
    if len(doubted) and len(every) < len(x):
        numbers |= _among_all(probe, x, claimed, row, [every[int(k)] for k in doubted], extent)
    _tell(probe, subject)
    return {(row, column): numbers[column] for column in columns if column in numbers}


def _by_little(claims: Floats, estimates: Floats) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):  # of claims that are infinite
        return np.asarray(np.abs(claims - estimates) < SLIGHT * np.maximum(np.abs(claims), np.abs(estimates)))


def _tied(x: Floats, columns: Sequence[int]) -> NDArray[np.bool_]:
    """Return which columns have a number that others have too: which of these is taken first shows along none alone."""
    _, first, counts = np.unique(x, return_inverse=True, return_counts=True)
    return np.asarray(counts[first.ravel()][columns] > 1)


def _among_all(  # noqa: PLR0917  where, and what
    probe: Probe, x: Floats, claimed: Entries, row: int, columns: list[int], extent: Extent
) -> dict[int, Numbers]:
    """Return those of some columns of a row that are not wrong where all columns may be moved."""
    name = probe.matrix.name
    subject = _of_columns(probe, x, claimed, row, range(len(x)))
    claims = subject.claims()
    standard = standards(subject, claims, extent)[name]
    tested = UnderTest.of(subject, name, claims[name], standard, np.random.default_rng(extent.seed))
    which, known = np.array(columns, dtype=np.int64), tested.columns
    one_by_one.measure(tested, which, subject)
    judge_ties(tested, which)
    _tell(probe, subject)
    table = (known.estimates, known.uncertainties, known.lefts, known.rights)
    return {int(k): _numbers(table, known.codes, int(k)) for k in which if known.codes[k] != Verdict.WRONG}


def _of_columns(probe: Probe, x: Floats, claimed: Entries, row: int, columns: Sequence[int]) -> Subject:
    """Return an output as a function of some entries of the point, with what is claimed for them."""
    every, name = [*columns], probe.matrix.name
    kind = np.dtype(probe.matrix.dtype).type  # to measure the rounding of the outputs

    def value(part: dict[str, Floats]) -> np.floating:
        there = x.copy()
        there[every] = part[name]
        return kind(probe(there)[row])  # type: ignore[no-any-return]

    def gradient(part: dict[str, Floats]) -> dict[str, Floats]:
        there = x.copy()
        there[every] = part[name]
        same = probe.matrix.constant or np.array_equal(there, x)
        return {name: (claimed if same else probe.claims(there)).row(row, every)}

    subject = Subject.of(Oracle({name: x[every].copy()}, value, gradient), promote=False).settled()
    subject.tally.said, subject.tally.named = probe.tally.said, probe.tally.named
    return subject


def _tell(probe: Probe, subject: Subject) -> None:
    """Keep what was learnt of a row for the report, and for other rows."""
    probe.tally.said, probe.tally.named = subject.tally.said, subject.tally.named
    probe.tally.trouble = probe.tally.trouble or subject.tally.trouble
    probe.tally.raised += subject.tally.raised


def _numbers(table: tuple[Floats, ...], codes: Any, n: int) -> Numbers:  # noqa: ANN401
    estimate, uncertainty, left, right = (float(column[n]) for column in table)
    return estimate, uncertainty, left, right, int(codes[n])
