"""Is a Jacobian right? Every claimed entry, what lies outside of its pattern, and a direction at each neighbour."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck._diagnose.undecided import counted, jumps
from gradcheck._entries.visits import numbers_told
from gradcheck._jacobian.columns import Swept, sweep, tolerance
from gradcheck._jacobian.elsewhere import nearby
from gradcheck._jacobian.groups import groups
from gradcheck._jacobian.probe import FUNCTION, Probe, noise
from gradcheck._jacobian.suspects import suspected
from gradcheck._jacobian.undecided import helps
from gradcheck._jacobian.why import why
from gradcheck._model.ending import MEASURING
from gradcheck._model.questions import Entries, Floats, Matrix
from gradcheck._model.tally import Spent, Tally
from gradcheck._results.digits import told_apart
from gradcheck._results.errors import InputError
from gradcheck._results.estimate import SMALLEST
from gradcheck._results.report import Problem, Report, TensorResult
from gradcheck._results.verdict import Verdict

KIND, SECOND = "jacobian", "hessian"
FEW, MANY = 4, 1 / 8  # entries, and a part of all, that are in doubt before the noise is measured
LOUD = 16.0  # times the rounding: noise that is more than that of rounding inside of f
DRIFT = 64.0  # roundings of the largest entry, by which two equal calls may differ: threads add in any order
SAME_POINT = "it must be the same at the same point; start every call from the same, and keep no state in it"
NOISIEST = 1e-3  # relative: at more noise the steps would be no small ones


def examined(matrix: Matrix, seed: int, neighbours: int, most: int | None = None, rtol: float | None = None) -> Report:
    """Check a matrix of derivatives.

    Raises CallError, with a report of what was measured by then, where time, memory or a device is gone.
    """
    tally = Tally()
    tally.most = most or tally.most
    probe = Probe(matrix, tally, rtol)
    try:
        report = _examined(matrix, probe, seed, 0 if matrix.constant else neighbours)
    except BaseException as error:
        if not isinstance(error, Exception):
            error.add_note(f"{MEASURING} {matrix.name}, after {tally.evaluations} evaluations")
        raise
    finally:
        probe.pins.restore()
    if probe.ended is not None:
        ended = Problem(Verdict.BROKEN, str(probe.ended))
        probe.ended.report = replace(report, problems=(*report.problems, ended))
        raise probe.ended
    return report


def _examined(matrix: Matrix, probe: Probe, seed: int, neighbours: int) -> Report:
    x = matrix.here
    report = Report(matrix.title, seed, {}, notes=matrix.notes)
    try:
        problem = _changes(probe, x)
        if problem is not None:
            return replace(report, problems=(problem,), evaluations=probe.tally.evaluations)
        claimed = probe.claims(x)
        if probe.changing:
            problem = Problem(Verdict.BROKEN, _changing(probe), matrix.labels[1])
            return replace(report, problems=(problem,), evaluations=probe.tally.evaluations)
        with np.errstate(all="ignore"):  # of numbers near the largest; what the user's own code warns of was heard
            probe.widen(claimed)
            return _compared(report, probe, claimed, neighbours)
    except Spent:
        return replace(report, notes=(*matrix.notes, _left(probe)), evaluations=probe.tally.evaluations)


def _compared(report: Report, probe: Probe, claimed: Entries, neighbours: int) -> Report:
    """Compare what is claimed with what is measured, at the given point and nearby."""
    matrix, x, seed = probe.matrix, probe.matrix.here, report.seed
    split = groups(claimed)
    tensor, outside, done = _measured(probe, x, claimed, seed)
    tensor = replace(tensor, means=_means(claimed, len(split)))
    notes: list[str] = []
    try:
        report = replace(report, problems=_drifts(probe, x, claimed, tensor))
        if report.problems:
            return replace(report, evaluations=probe.tally.evaluations, gradients=probe.tally.gradients)
        if done and not tensor.wrong:
            tensor, outside, x, notes = _elsewhere(probe, seed, neighbours, tensor, outside)
    except Spent:
        done = False
    if not done:
        notes.append(_left(probe))
    else:
        notes += helps(tensor, matrix, _loud(probe, seed)) if tensor.verdict is Verdict.UNDECIDED else ()
    report = replace(
        report,
        tensors={matrix.name: tensor},
        notes=(*matrix.notes, *probe.tally.said, *notes, *filter(None, [counted(probe.tally)])),
        evaluations=probe.tally.evaluations,
        gradients=probe.tally.gradients,
    )
    what = "the gradient, as where the function has a kink," if matrix.symmetric else matrix.labels[0]
    report = replace(report, notes=(*report.notes, *jumps(report, what)))
    return replace(report, diagnosis=why(report, matrix, outside, x))


def _changing(probe: Probe) -> str:
    own = "own " * (probe.changing == FUNCTION)
    return f"{probe.changing} changes its {own}input {probe.matrix.labels[1]} in place; let it work on a copy"


def _changes(probe: Probe, x: Floats) -> Problem | None:
    """Call the function twice: it must return the same, and something finite."""
    first, second = probe(x), probe.afresh(x)
    if not np.isfinite(first).all():
        row = int(np.flatnonzero(~np.isfinite(first))[0])
        where = np.unravel_index(row, probe.matrix.outputs) if probe.matrix.outputs else ()
        msg = f"{probe.matrix.labels[0]}{[*map(int, where)]} is {first[row]} at the given point; give a finite point"
        raise InputError(msg)
    if np.array_equal(first, second):
        return None
    k = int(np.argmax(np.abs(first - second)))
    said = (
        f"the function changes from call to call at the same point: output {k} was {first[k]:.6g}, then {second[k]:.6g}"
    )
    return Problem(Verdict.BROKEN, said)


def _elsewhere(
    probe: Probe, seed: int, neighbours: int, tensor: TensorResult, outside: set[tuple[int, int]]
) -> tuple[TensorResult, set[tuple[int, int]], Floats, list[str]]:
    """Look at some neighbours: return what is wrong at one of them, and where that is, in the place of what is here."""
    rng, here, name = np.random.default_rng(seed), probe.matrix.here, probe.matrix.labels[1]
    for number in range(neighbours):
        place = nearby(probe, rng)
        if place is None:
            return tensor, outside, here, ["no neighbour is in the domain of the function"]
        if not place.agrees:
            there, beyond, _ = _measured(probe, place.x, place.claimed, seed)
            if there.wrong:
                at = f"neighbour {number + 1}"
                places = dict.fromkeys(map(int, there.flat), at)
                point = f"{name} = {numbers_told(place.x.reshape(probe.matrix.inputs))}"
                there = replace(there, places=places, points={at: point}, means=tensor.means)
                return there, beyond, place.x, []
            outside = beyond
    return tensor, outside, here, []


def _drifts(probe: Probe, x: Floats, claimed: Entries, tensor: TensorResult) -> tuple[Problem, ...]:
    """Ask once more for a claim that is wrong, or was asked for nearby: what changes by itself looks like rounding."""
    if not tensor.wrong and probe.tally.gradients <= 1:
        return ()
    again = probe.claims(x)
    if not np.array_equal(again.flat, claimed.flat):
        return (Problem(Verdict.BROKEN, f"{probe.matrix.name} has other entries at every call: {SAME_POINT}"),)
    off = np.abs(again.values - claimed.values)
    if not np.max(off, initial=0.0) > DRIFT * probe.matrix.eps * np.max(np.abs(claimed.values), initial=0.0):
        return ()
    k = int(np.argmax(off))
    row, column = int(claimed.rows[k]), int(claimed.columns[k])
    was = told_apart(float(claimed.values[k]), float(again.values[k]), "first {}, then {}")
    said = f"{probe.matrix.name} changes from call to call: [{row}, {column}] is {was}; {SAME_POINT}"
    return (Problem(Verdict.BROKEN, said),)


def _measured(probe: Probe, x: Floats, claimed: Entries, seed: int) -> tuple[TensorResult, set[tuple[int, int]], bool]:
    """Measure all entries at a point; return them, those suspected outside of the pattern, and whether all was done."""
    known, done = Swept.nothing(len(claimed.values)), True
    found: dict[tuple[int, int], Any] = {}
    try:
        sweep(probe, x, claimed, groups(claimed), known)
        if _noisier(probe, known, seed):
            known = Swept.nothing(len(claimed.values))
            sweep(probe, x, claimed, groups(claimed), known)
        open_ = np.flatnonzero(known.codes == Verdict.UNDECIDED)
        places = {(int(claimed.rows[k]), int(claimed.columns[k])) for k in open_} | known.outside
        found = suspected(probe, x, claimed, places, _moving(claimed, known), seed)
    except Spent:
        done = False
    width = claimed.shape[1]
    at = {int(flat): k for k, flat in enumerate(claimed.flat)}
    more = [place for place in found if place[0] * width + place[1] not in at]
    columns = [np.concatenate([c, np.full(len(more), np.nan)]) for c in (
        known.estimates, known.uncertainties, known.lefts, known.rights
    )]  # fmt: skip
    codes = np.concatenate([known.codes, np.full(len(more), Verdict.UNDECIDED, dtype=np.int8)])
    at |= {row * width + column: len(known.codes) + n for n, (row, column) in enumerate(more)}
    for (row, column), (*numbers, verdict) in found.items():
        k = at[row * width + column]
        for values, number in zip(columns, numbers, strict=True):
            values[k] = number
        codes[k] = verdict
    flat = np.concatenate([claimed.flat, [row * width + column for row, column in more]]).astype(np.int64)
    claims = np.concatenate([claimed.values, np.zeros(len(more))])
    return _result(probe, flat, claims, columns, codes), known.outside, done


def _moving(claimed: Entries, known: Swept) -> Entries:
    """Return the entries that may be other than zero: those of the pattern, or that did not stand still, and others."""
    may = np.ones(len(known.codes), dtype=bool) if claimed.listed else known.codes != Verdict.UNTESTED
    rows, columns = (np.array([place[k] for place in known.outside], dtype=np.int64) for k in (0, 1))
    return Entries(
        np.concatenate([claimed.rows[may], rows]),
        np.concatenate([claimed.columns[may], columns]),
        np.concatenate([claimed.values[may], np.zeros(len(rows))]),
        claimed.shape,
    )


def _noisier(probe: Probe, known: Swept, seed: int) -> bool:
    """Measure the noise where much seems wrong; return whether it is more than rounding: larger steps are wanted."""
    doubtful = int(np.count_nonzero(known.codes == Verdict.UNDECIDED))
    if doubtful <= max(FEW, MANY * len(known.codes)) or np.any(probe.sigma):
        return False
    here = np.abs(probe(probe.matrix.here))
    sigma = np.nan_to_num(noise(probe, np.random.default_rng(seed)))
    noisy = (here > 0) & (sigma > 0)
    eps = float(np.median(sigma[noisy] / here[noisy])) if noisy.any() else 0.0
    if eps <= LOUD * probe.eps:
        return False
    probe.eps, probe.sigma = min(eps, NOISIEST), sigma
    return True


def _loud(probe: Probe, seed: int) -> Floats:
    """Return the noise of the outputs that have more of it than their rounding; 0 of the others."""
    here = np.abs(probe(probe.matrix.here))
    try:
        sigma = probe.sigma if np.any(probe.sigma) else np.nan_to_num(noise(probe, np.random.default_rng(seed)))
    except Spent:
        sigma = 0.0
    return np.where(sigma > LOUD * probe.matrix.eps * here, sigma, 0.0)


def _result(probe: Probe, flat: Any, claims: Floats, columns: list[Floats], codes: Any) -> TensorResult:  # noqa: ANN401
    matrix, order = probe.matrix, np.argsort(flat, kind="stable")
    estimates, uncertainties, lefts, rights = (column[order] for column in columns)
    claims, codes = claims[order], codes[order]
    tested = (codes == Verdict.CORRECT) & (np.abs(estimates) > 0)
    largest = float(np.max(np.abs(estimates[tested]), initial=0.0))
    seen = float(np.max(uncertainties[tested], initial=0.0)) / largest if largest else np.nan
    seen += tolerance(probe.eps, probe.rtol)  # which passes on two evaluations
    return TensorResult(
        name=matrix.name,
        kind=SECOND if matrix.symmetric else KIND,
        shape=matrix.shape,
        dtype=matrix.dtype,
        flat=flat[order],
        claims=claims,
        estimates=estimates,
        uncertainties=uncertainties,
        lefts=lefts,
        rights=rights,
        codes=codes,
        resolution=max(seen, SMALLEST) if largest else np.nan,
    )


def _means(claimed: Entries, count: int) -> str:
    width = claimed.shape[1]
    groups = "one group" if count == 1 else f"{count} groups"
    return f"{width} columns in {groups}" if count < width else "columns, one by one"


def _left(probe: Probe) -> str:
    if probe.ended is not None:
        return f"the check ended there, after {probe.tally.evaluations} evaluations; left undone: {probe.matrix.name}"
    return f"left undone: the rest of {probe.matrix.name}; max_evaluations={probe.tally.most} allows no more calls"
