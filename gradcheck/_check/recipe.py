"""The recipe: open the oracle, test the protocol, measure every tensor, judge, explain."""

from __future__ import annotations

import contextlib
import platform
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import __version__
from gradcheck._cut_short import telling
from gradcheck._entries import outputs
from gradcheck._entries.measure import Extent, measured, price
from gradcheck._entries.neighbours import call_elsewhere
from gradcheck._judge.tolerance import NONE
from gradcheck._model import point
from gradcheck._model.oracle import Array, Oracle, calling
from gradcheck._model.patience import patience
from gradcheck._model.precision import as_given, opened
from gradcheck._model.subject import Evaluator, Subject
from gradcheck._model.tally import OUTPUTS, Spent, Tally
from gradcheck._options import Options
from gradcheck._progress import Progress
from gradcheck._protocol import (
    detached_outputs,
    deterministic,
    forward_mode,
    history,
    linear,
    low_precision,
    memory,
)
from gradcheck._results.errors import CallError
from gradcheck._results.floating import DOUBLE
from gradcheck._results.middle import median
from gradcheck._results.report import Problem, Report, TensorResult
from gradcheck._results.verdict import Verdict

if TYPE_CHECKING:
    from gradcheck._workers.hire import Workers

MANY, SAMPLE = 4096, 64  # entries of a layer that is taken alone, in all, and at least of each tensor


def _hired(workers: Workers | None, subject: Subject, precision: str) -> contextlib.AbstractContextManager[Evaluator]:
    """Yield what makes the evaluations: the workers, or the subject itself where there are none."""
    if workers is None:
        return contextlib.nullcontext(subject)
    from gradcheck._workers.hire import hired

    return hired(workers, subject, precision)


def examined(oracle: Oracle, options: Options, workers: Workers | None = None) -> Report:
    """Open an oracle, check it, and leave everything as it was."""
    with oracle.guard() as kept:
        subject = opened(oracle, options.precision)
        with Progress(_expected(subject, options), options.progress) as bar:
            subject.tally.watch = bar.watch
            with telling(subject, options.seed, environment(oracle.versions)), patience(subject.tally):
                report = _check(subject, options, workers)
    said = () if kept is None else kept.notes  # once everything is put back, as far as it could be
    return replace(report, notes=report.notes + said) if said else report


def _expected(subject: Subject, options: Options) -> int:
    """Return about how many evaluations a check makes of a gradient that is right."""
    most = sys.maxsize if isinstance(options.entries, str) else options.entries
    return sum(price(min(leaf.array.size, most)) for leaf in subject.leaves.values())


def _check(subject: Subject, options: Options, workers: Workers | None = None) -> Report:
    """Check a subject; in the user's own precision, where the gradient raises in double alone."""
    try:
        return _checked(subject, options, workers)
    except CallError as error:
        narrower = as_given(subject, error)
        if narrower is None:
            raise
        return _checked(narrower, options, workers)


def _checked(subject: Subject, options: Options, workers: Workers | None = None) -> Report:
    subject = subject.changed(chosen=point.restrict(subject.leaves, options.wrt))
    if options.order == 1:
        subject = detached_outputs.leave_out(subject, options.detached)
    subject.tally.most = options.max_evaluations or subject.tally.most
    try:
        earlier = {} if options.hasty else call_elsewhere(subject, options.seed)
        subject, problem = deterministic.settled(subject)
        if options.hasty and subject.eps > DOUBLE:
            call_elsewhere(subject, options.seed)  # values at two places tell how coarse it is inside
        if problem is not None:
            return _report(subject, options, {}, (problem,))
        claims, problems = deterministic.claims_twice(subject)
        if problems:
            return _report(subject, options, {}, tuple(problems))
        with np.errstate(all="ignore"):  # of numbers near the largest; what the user's own code warns of was heard
            with _hired(workers, subject, options.precision) as source:
                results = _measured(subject, claims, options, source)
            subject, results, problems = _examined_further(subject, claims, options, results)
            return _report(subject, options, results, tuple(problems), earlier)
    except Spent:
        subject.tally.leave("whatever the function would have shown")
        return _report(subject, options, {}, ())
    finally:
        subject.pins.restore()


def _examined_further(
    subject: Subject, claims: Mapping[str, Array], options: Options, results: dict[str, TensorResult]
) -> tuple[Subject, dict[str, TensorResult], list[Problem]]:
    """Run the further tests, as far as evaluations may be made; without them the results stand."""
    problems: list[Problem] = []
    try:
        results = _excused(subject, results)
        if any(result.wrong for result in results.values()):
            heard, hidden = detached_outputs.hidden(subject)
            problems += hidden
            if heard is not subject:
                subject, claims = heard, heard.claims()
                results = _excused(subject, _measured(subject, claims, options, subject))
        problems += linear.linear(subject, claims, _unknown(results), hasty=options.hasty)
        problems += memory.respected(subject, claims) + low_precision.narrow(subject, claims, results)
        problems += forward_mode.agrees(subject, claims, results)
        if subject.oracle.examine is not None and subject.cotangent is not None:
            subject.go_forward()
            subject.pins.pin()
            with calling("the function, or its backward,"):
                problems += subject.oracle.examine(subject.tree, subject.cotangent, subject.tally.asked)
        if not any(result.wrong for result in results.values()) and not subject.tally.named:
            with subject.tally.during(OUTPUTS, whole=True):
                subject, results = outputs.one_by_one(subject, results, _extent(options))
        history.told(subject, results)
    except Spent:
        subject.tally.leave("the rest of the protocol")
    return subject, results, problems


def _excused(subject: Subject, results: dict[str, TensorResult]) -> dict[str, TensorResult]:
    """Excuse what rules of single steps make at their kinks, and a slope that may depend on other random numbers.

    Unless the cause of the difference is known.
    """
    if not any(result.wrong for result in results.values()):
        return results
    from gradcheck import _explained
    from gradcheck._legal_at_kinks import legal_at_kinks

    results = legal_at_kinks(results, subject)
    if not subject.pins.varied or not any(result.wrong for result in results.values()):
        return results
    from gradcheck._protocol import seeds

    known = _explained.left_out_of(results.values(), subject, draws=True)
    try:
        return results if known else seeds.excused(subject, results)
    except Spent:
        subject.tally.leave("what other random numbers make of the slopes")
        return {path: _open(result) for path, result in results.items()}


def _open(result: TensorResult) -> TensorResult:
    """Return a result with its wrong entries as undecided."""
    return replace(
        result, codes=np.where(result.codes == Verdict.WRONG, Verdict.UNDECIDED, result.codes).astype(np.int8)
    )


def _unknown(results: Mapping[str, TensorResult]) -> dict[str, float]:
    """Return the median uncertainty of the slopes of each tensor: no protocol test can be sharper."""
    known = {path: r.uncertainties[~np.isnan(r.uncertainties)] for path, r in results.items()}
    return {path: median(unknown) if len(unknown) else 0.0 for path, unknown in known.items()}


def _measured(
    subject: Subject, claims: Mapping[str, Array], options: Options, source: Evaluator
) -> dict[str, TensorResult]:
    return measured(subject, claims, _extent(options), source)


def _extent(options: Options) -> Extent:
    return Extent(
        options.seed,
        options.entries,
        options.neighbours,
        options.rtol,
        options.slack or NONE,
        options.hasty,
        options.only,
    )


def _report(
    subject: Subject,
    options: Options,
    results: dict[str, TensorResult],
    problems: tuple[Problem, ...],
    earlier: Mapping[str, Array] = MappingProxyType({}),
) -> Report:
    from gradcheck import _explained

    order = sorted(results.values(), key=lambda t: -t.verdict)
    report = Report(
        name=subject.oracle.name,
        seed=int(options.seed),
        tensors={t.name: t for t in order},
        problems=problems,
        notes=(*subject.oracle.notes, *subject.notes, *subject.tally.said, *_left_undone(subject, options)),
        evaluations=subject.tally.evaluations,
        gradients=subject.tally.gradients,
        spent=subject.tally.phases,
        environment=environment(subject.oracle.versions),
    )
    wrong = [t for t in order if t.wrong]
    if wrong:
        from gradcheck._model import labels

        report = replace(report, notes=(*report.notes, *labels.told(subject.leaves.values(), wrong)))
    opens = partial(opened, precision=options.precision)
    return _explained.explained(report, subject, earlier, partial(_alone, options, subject.tally), opens)


def environment(versions: Mapping[str, str]) -> dict[str, str]:
    return {"gradcheck": __version__, "python": platform.python_version(), "numpy": np.__version__, **versions}


def _left_undone(subject: Subject, options: Options) -> tuple[str, ...]:
    undone = ", ".join(subject.tally.undone)
    return (f"left undone: {undone}; max_evaluations={options.max_evaluations} allows no more calls",) if undone else ()


def _alone(options: Options, whole: Tally, layer: Oracle, only: tuple[str, ...]) -> Report:
    """Check a layer by itself, or some of its tensors: every entry, or a sample where that would be many."""
    subject = opened(layer, options.precision)
    subject.tally.learn_from(whole)
    sizes = [leaf.array.size for leaf in subject.leaves.values()]
    entries = "auto" if sum(sizes) <= MANY or layer.sites is not None else max(SAMPLE, MANY // len(sizes))
    few = replace(options, wrt=None, neighbours=0, entries=entries, max_evaluations=None, progress=False, only=only)
    return _check(subject, few)
