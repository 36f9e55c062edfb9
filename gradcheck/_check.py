"""The recipe: open the oracle, test the protocol, measure every tensor, judge, explain."""

from __future__ import annotations

import platform
import warnings
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any, Unpack

import numpy as np

from gradcheck import __version__, _explained
from gradcheck._adapters import choose
from gradcheck._entries import outputs
from gradcheck._entries.measure import Extent, measured
from gradcheck._entries.neighbours import call_elsewhere
from gradcheck._judge.failure import failure_of
from gradcheck._judge.tolerance import NONE
from gradcheck._model import point
from gradcheck._model.oracle import Array, Oracle
from gradcheck._model.precision import opened
from gradcheck._model.subject import Evaluator, Subject
from gradcheck._options import Keywords, Options, signed
from gradcheck._options import options as read
from gradcheck._protocol import detached_outputs, deterministic, forward_mode, history, linear, low_precision, seeds
from gradcheck._results.errors import CallError, UndecidedWarning
from gradcheck._results.floating import DOUBLE
from gradcheck._results.report import Problem, Report, TensorResult
from gradcheck._results.verdict import Verdict
from gradcheck._workers import Workers, hired, ready

MANY, SAMPLE = 4096, 64  # entries of a layer that is taken alone, in all, and at least of each tensor


@signed
def check_gradients(
    model: Any,  # noqa: ANN401  whatever holds a derivative
    *args: Any,  # noqa: ANN401
    **keywords: Unpack[Keywords],
) -> Report:
    """Compare a claimed gradient with the slope of the function itself, entry by entry.

    `model` with its `args` is one of: a function with `grad=` (of one number), `vjp=` (pullback(*args, cotangent))
    or `value_and_grad=True` or `jvp=` (pushforward(*args, *tangents)); an object with a dict `params` and
    loss(*args) -> (loss, grads); a reference layer or network and its input; a `torch.nn.Module`, a
    `torch.autograd.Function` or a function of tensors; a function of JAX, or a model of flax or equinox; an `Oracle`.
    With a `loss=` on top of a layer or model, if wanted. `inputs`: a dict of the model's own keyword arguments; they
    may stand among the others too, save for type checkers, to which whatever is not listed above is misspelt.

    `wrt`: patterns of the names to check. `entries`: how many entries of each tensor, "auto" (all up to ten
    thousand; beyond that random directions, halving, and a sample), "all", a number, or "directions": a few random
    directions through each tensor, whatever its size, and a search for what disagrees. `neighbours`: at how many
    further points, near the given one, the whole gradient is screened. `order`: 2 checks the gradient of the gradient
    as well. `jvp=True` and `batched=True`: whether a framework's forward mode, and its gradients of many cotangents at
    once, agree. `detached`: patterns of the names of outputs that are meant to carry no gradient.
    `rtol`: the smallest relative error that matters (default: what the dtype and the measured noise allow, at best
    1e-6). `precision`: "double" measures float32 arrays in float64, "as-is" as they are. `seed` draws cotangents,
    directions and samples. `workers`: how many processes evaluate the function, or "joblib", or any object with a
    method `map`; the report is the same, and workers of pytest-xdist do without. `progress`: a bar on stderr
    (default: if that is a terminal and it takes long).

    Returns a `Report`; `report.verdict` is the worst verdict of all. Raises InputError for a call that cannot be
    checked as written, and GradientError, with the user's own exception as its cause, if the function or its
    gradient raises at the given point. Parameters, inputs and random generators are left as they were.
    """
    options = read(keywords)
    called = replace(options, workers=None)  # a pool cannot be handed to its own workers
    try:
        reports = []
        for number in range(1, options.order + 1):
            make = partial(choose.choose, model, args, replace(called, order=number))
            crew = ready(options.workers, make)
            reports.append(examined(make(), replace(options, order=number), crew))
        return reports[0] if options.order == 1 else _joined(*reports)
    except CallError as error:
        error.report = _broken_report(str(error), getattr(model, "__qualname__", type(model).__name__), options.seed)
        raise


@signed
def assert_gradients(model: Any, *args: Any, **keywords: Unpack[Keywords]) -> Report:  # noqa: ANN401
    """Check as `check_gradients` does, and raise if anything is wrong, broken or in a whole tensor undecided.

    Raises WeightMismatch, BiasMismatch or InputMismatch for a wrong entry, and GradientError where something is
    broken, where a whole tensor could not be decided, or where nothing was tested at all; a tensor that is untested
    beside others that are not may pass. Warns (UndecidedWarning) about single entries that could not be decided.
    Returns the report.
    """
    __tracebackhide__ = True
    return assured(check_gradients(model, *args, **keywords))


def assured(report: Report) -> Report:
    """Return a report that may pass; raise or warn as `assert_gradients` does, for the caller of who calls this."""
    __tracebackhide__ = True
    from gradcheck._render.failure import failure_message  # noqa: PLC0415  a picture, needed only here

    error = failure_of(report)
    if error is not None:
        raise error(failure_message(report), report)
    undecided = report.counts[Verdict.UNDECIDED]
    if undecided:
        msg = f"{undecided} of {report.checked} entries of {report.name} could not be decided; print the report"
        warnings.warn(msg, UndecidedWarning, stacklevel=3)
    return report


def examined(oracle: Oracle, options: Options, workers: Workers | None = None) -> Report:
    """Open an oracle, check it, and leave everything as it was."""
    with oracle.guard() as kept:
        report = _check(opened(oracle, options.precision), options, workers)
    said = () if kept is None else kept.notes  # once everything is put back, as far as it could be
    return replace(report, notes=report.notes + said)


def _check(subject: Subject, options: Options, workers: Workers | None = None) -> Report:
    subject = replace(subject, chosen=point.restrict(subject.leaves, options.wrt))
    if options.order == 1:
        subject = detached_outputs.leave_out(subject, options.detached)
    try:
        earlier = {} if options.hasty else call_elsewhere(subject, options.seed)
        subject, problem = deterministic.settled(subject)
        if options.hasty and subject.eps > DOUBLE:
            call_elsewhere(subject, options.seed)  # how coarse it is inside, two places tell
        if problem is not None:
            return _report(subject, options, {}, (problem,))
        claims, problems = deterministic.claims_twice(subject)
        if problems:
            return _report(subject, options, {}, tuple(problems))
        with hired(workers, subject, options.precision) as source:
            results = _measured(subject, claims, options, source)
        results = _excused(subject, results)
        if any(result.wrong for result in results.values()):
            heard, hidden = detached_outputs.hidden(subject)
            problems += hidden
            if heard is not subject:
                subject, claims = heard, heard.claims()
                results = _excused(subject, _measured(subject, claims, options, subject))
        problems += linear.linear(subject, claims, _unknown(results), hasty=options.hasty) + low_precision.narrow(
            subject, claims
        )
        problems += forward_mode.agrees(subject, claims, results)
        if subject.oracle.examine is not None and subject.cotangent is not None:
            subject.pins.pin()
            problems += subject.oracle.examine(subject.tree, subject.cotangent, subject.tally.asked)
        if not any(result.wrong for result in results.values()) and not subject.tally.named:
            subject, results = outputs.one_by_one(subject, results, _extent(options))
        history.told(subject, results)
        return _report(subject, options, results, tuple(problems), earlier)
    finally:
        subject.pins.restore()


def _excused(subject: Subject, results: dict[str, TensorResult]) -> dict[str, TensorResult]:
    """Leave open what other random numbers may make of a slope, unless it is known how they come to be missing."""
    if not subject.pins.varied or not any(result.wrong for result in results.values()):
        return results
    known = _explained.left_out_of(results.values(), subject, draws=True)
    return results if known else seeds.excused(subject, results)


def _unknown(results: Mapping[str, TensorResult]) -> dict[str, float]:
    """Return how well the slopes of each tensor are known, in the middle of its entries: no rule is kept better."""
    return {path: float(np.median(r.uncertainties)) if r.checked else 0.0 for path, r in results.items()}


def _measured(
    subject: Subject, claims: Mapping[str, Array], options: Options, source: Evaluator
) -> dict[str, TensorResult]:
    with _bar(sum(leaf.array.size for leaf in subject.chosen.values()), options.progress) as bar:
        return measured(subject, claims, _extent(options), source, bar.update)


def _extent(options: Options) -> Extent:
    return Extent(options.seed, options.entries, options.neighbours, options.rtol, options.slack or NONE, options.hasty)


def _bar(total: int, progress: bool | None) -> Any:  # noqa: ANN401, FBT001  tqdm's type has a parameter of no use here
    from tqdm.auto import tqdm  # noqa: PLC0415  not needed to import gradcheck

    return tqdm(total=total, unit="entry", disable=None if progress is None else not progress, delay=1.0, leave=False)


def _report(
    subject: Subject,
    options: Options,
    results: dict[str, TensorResult],
    problems: tuple[Problem, ...],
    earlier: Mapping[str, Array] = MappingProxyType({}),
) -> Report:
    order = sorted(results.values(), key=lambda t: -t.verdict)
    report = Report(
        name=subject.oracle.name,
        seed=int(options.seed),
        tensors={t.name: t for t in order},
        problems=problems,
        notes=(*subject.oracle.notes, *subject.notes, *subject.tally.said),
        evaluations=subject.tally.evaluations,
        gradients=subject.tally.gradients,
        environment={
            "gradcheck": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
            **subject.oracle.versions,
        },
    )
    opens = partial(opened, precision=options.precision)
    return _explained.explained(report, subject, earlier, lambda layer: _alone(layer, options), opens)


def _joined(first: Report, second: Report) -> Report:
    """Put the report on the gradient and that on its own gradient together."""
    straight = [name for name, t in second.tensors.items() if t.verdict is Verdict.UNTESTED]
    further = [replace(t, name=f"order 2: {t.name}") for t in second.tensors.values() if t.name not in straight]
    note = f"order 2: the gradient does not depend on {', '.join(straight)}"
    problems = tuple(replace(p, sentence=f"order 2: {p.sentence}") for p in second.problems)

    def both(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
        return (*one, *(f"order 2: {sentence}" for sentence in other if sentence not in one))

    order = sorted([*first.tensors.values(), *further], key=lambda t: -t.verdict)
    return replace(
        first,
        tensors={t.name: t for t in order},
        problems=first.problems + problems,
        evaluations=first.evaluations + second.evaluations,
        gradients=first.gradients + second.gradients,
        diagnosis=both(first.diagnosis, second.diagnosis),
        power=both(first.power, second.power),
        notes=both(first.notes, second.notes) + (note,) * bool(straight),
    )


def _alone(layer: Oracle, options: Options) -> Report:
    """Check a layer by itself: every entry, or a sample where that would be many."""
    subject = opened(layer, options.precision)
    sizes = [leaf.array.size for leaf in subject.leaves.values()]
    entries = "all" if sum(sizes) <= MANY else max(SAMPLE, MANY // len(sizes))
    few = replace(options, wrt=None, neighbours=0, entries=entries, progress=False)
    return _check(subject, few)


def _broken_report(sentence: str, name: str, seed: int) -> Report:
    return Report(name=name, seed=seed, tensors={}, problems=(Problem(Verdict.BROKEN, sentence),))
