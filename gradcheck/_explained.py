"""What is there to say about a report? What is known of its subject is put together, and the layers taken alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from gradcheck._diagnose import power, undecided
from gradcheck._diagnose.budget import Budget, Exhausted
from gradcheck._diagnose.cause import Cause, told
from gradcheck._diagnose.evidence import Context, spread
from gradcheck._diagnose.size import read
from gradcheck._entries import neighbours
from gradcheck._model import trees
from gradcheck._model.ending import ends, said
from gradcheck._model.oracle import Array, Oracle, Tree
from gradcheck._model.subject import Subject
from gradcheck._model.tally import DIAGNOSIS, Spent
from gradcheck._model.undone import Undone
from gradcheck._results.errors import GradientError, InputError
from gradcheck._results.report import Report, Stage, TensorResult
from gradcheck._results.verdict import Verdict

if TYPE_CHECKING:
    from gradcheck._diagnose.experiments import Lab
    from gradcheck._diagnose.guilty_layer import Alone

RIGHT = 4  # calls: the slope along one direction, to see whether a claim is right at another point
MOST = 0.5  # share of the nonzero claims that are wrong nearby, if they were kept from the given point
FAILED = "no cause is named: looking for one raised {error}, a mistake of gradcheck; what was measured stands"
MEETING = 2  # calls: a run in which layers are met, and one for the Functions of PyTorch


def explained(
    report: Report,
    subject: Subject,
    earlier: Mapping[str, Array],
    alone: Callable[[Oracle, tuple[str, ...]], Report],
    opens: Callable[[Oracle], Subject],
) -> Report:
    """Add to a report its diagnosis and its power; `earlier` are the claims at the neighbour that was called first.

    `alone` checks a layer by itself, or some of its tensors, and `opens` one for a look along a few directions.
    """
    oracle = subject.oracle
    inner = _taken_alone(oracle)
    budget = inner.budget if inner else Budget.after(subject.tally)
    before = budget.spent
    context = _context(subject, _kept(report, subject, earlier, budget) | _kept_from_here(report, subject))
    causes: tuple[Cause, ...] = ()
    stages, failed = report.stages, list[str]()
    with stands(failed):
        if any(t.wrong for t in report.tensors.values()):
            from gradcheck._diagnose.experiments import Lab

            with _standing(report, subject) as (seen, place):
                here = context if place is subject else _context(place, context.earlier)
                causes, stages = _found(seen, here, Lab(place, budget), alone, opens)
        else:
            causes = _of_problems(report, context)
    if inner:
        inner.causes.extend(causes)
    return replace(
        report,
        notes=(*report.notes, *undecided.helps(report, subject), *budget.notes, *failed),
        diagnosis=told(causes),
        power=power.power(report, context) + power.by_outputs(subject.tally.least),
        evaluations=report.evaluations + budget.spent - before,
        spent={**report.spent, **({DIAGNOSIS: budget.spent - before} if budget.spent > before else {})},
        stages=stages,
    )


@contextmanager
def stands(failed: list[str]) -> Iterator[None]:
    """Let a report stand, and say so, where looking for the cause of what is wrong raises: a mistake of ours."""
    try:
        yield
    except Exception as error:
        if ends(error) or isinstance(error, (GradientError, InputError)):
            raise
        failed.append(FAILED.format(error=f"{type(error).__name__}: {said(error)}"))


@contextmanager
def _standing(report: Report, subject: Subject) -> Iterator[tuple[Report, Subject]]:
    """Stand where all that is wrong is so: at a neighbour that is remembered, or else at the given point.

    Yields the report as it would be there, too.
    """
    wrong = [(tensor, tensor.flat[tensor.codes == Verdict.WRONG]) for tensor in report.tensors.values()]
    where = {tensor.places.get(int(flat), "") for tensor, entries in wrong for flat in entries}
    away = subject.tally.strays.get("".join(where)) if len(where) == 1 else None
    if away is None:
        yield report, subject
        return
    subject.pins.restore()
    with subject.at(away.items()) as place:
        leaves = {path: replace(leaf, original=leaf.array.copy()) for path, leaf in subject.leaves.items()}
        like = subject.oracle.output
        output = None if like is None else np.reshape(place.output(), like.shape)
        oracle = replace(subject.oracle, output=output)
        chosen = {path: leaves[path] for path in subject.chosen}
        there = place.changed(oracle=oracle, leaves=leaves, chosen=chosen, away=False).settled()
        claims = {leaves[path].name: claim for path, claim in there.claims().items()}
        tensors = {name: _seen_there(tensor, claims[name]) for name, tensor in report.tensors.items()}
        yield replace(report, tensors=tensors), there


def _seen_there(tensor: TensorResult, claim: Array) -> TensorResult:
    """Return what is known of a tensor where it is wrong: elsewhere its claims agree, as was seen along directions."""
    claims, right = claim.ravel()[tensor.flat].astype(np.float64), tensor.codes != Verdict.WRONG
    estimates, lefts, rights = (
        np.where(right, claims, known) for known in (tensor.estimates, tensor.lefts, tensor.rights)
    )
    return replace(tensor, claims=claims, estimates=estimates, lefts=lefts, rights=rights, places={})


def _taken_alone(oracle: Oracle) -> Alone | None:
    """Return an oracle as a layer that is taken alone, if that is what it is."""
    if type(oracle) is Oracle:
        return None
    from gradcheck._diagnose.guilty_layer import Alone

    return oracle if isinstance(oracle, Alone) else None


def _of_problems(report: Report, context: Context) -> tuple[Cause, ...]:
    """Return the causes of what is wrong beside the entries, all of which agree or are open."""
    if not report.problems:
        return ()
    from gradcheck._diagnose import conclusion

    return conclusion.diagnose(report, context)


def _found(
    report: Report,
    context: Context,
    lab: Lab,
    alone: Callable[[Oracle, tuple[str, ...]], Report],
    opens: Callable[[Oracle], Subject],
) -> tuple[tuple[Cause, ...], tuple[Stage, ...]]:
    """Return why entries are wrong, and the layers that were taken alone to find out; or what is seen without calls."""
    from gradcheck._diagnose import conclusion, guilty_layer, roughly

    left_out = partial(left_out_of, report.tensors.values(), lab.subject)
    off = lambda layer: roughly.disagreeing(opens(layer))  # noqa: E731
    ask = guilty_layer.Asking(lambda layer: alone(layer, layer.only), off)
    try:
        found = guilty_layer.examine(report, _parts(lab.subject, lab.budget), ask, lab.budget)
        causes = _causes(report, replace(context, lab=lab), found.guilty, left_out)
    except (Exhausted, Spent):
        lab.budget.leave("experiments")
        return conclusion.diagnose(report, context), report.stages
    return causes, found.stages


def _parts(subject: Subject, budget: Budget) -> Mapping[str, Oracle]:
    """Return the layers within, each as it is met in a run of the whole."""
    subject.pins.restore()
    if subject.oracle.parts is None:
        return {}
    if not budget.affords(MEETING, "layers taken alone"):
        return {}
    parts = subject.oracle.parts(subject.tree)
    budget.spend(MEETING + sum(oracle.spent for oracle in parts.values()))
    return parts


def _causes(
    report: Report, context: Context, guilty: tuple[Cause, ...], left_out: Callable[[], Cause | None]
) -> tuple[Cause, ...]:
    """Return why it is wrong: where a layer is at fault, the findings on the whole are only consequences."""
    from gradcheck._diagnose import conclusion

    if conclusion.settled(guilty):
        return (*guilty, *conclusion.since(report))
    found = left_out()
    if found:
        return (found,)
    wrong = [t.name for t in report.tensors.values() if t.wrong]
    return conclusion.joined(conclusion.diagnose(report, context), guilty, wrong)


def left_out_of(results: Iterable[TensorResult], subject: Subject, *, draws: bool = False) -> Cause | None:
    """Return what is left out of a gradient in which something is wrong; with `draws`, only of random numbers."""
    undone, u = subject.oracle.undone, subject.cotangent
    if undone is None or u is None:
        return None
    from gradcheck._diagnose.left_out import left_out

    subject.pins.pin()
    try:
        known = (one for one in undone(subject.tree, u) if one.draws or not draws)
        return left_out(results, known, partial(_asked, subject), partial(_right_while_held, subject))
    except Exception as error:  # a model may not run with a part of its framework changed
        if ends(error):
            raise
        return None


def _right_while_held(subject: Subject, undone: Undone, names: frozenset[str]) -> bool:
    """Return whether the claims of some tensors are right along directions, while a part of f is held constant."""
    if undone.held is None:
        return False
    from gradcheck._entries import held

    subject.pins.pin()
    try:
        return held.right(subject, undone.held, names)
    except Exception as error:  # the function may not run with a part of it replaced
        if ends(error):
            raise
        return False


def _asked(subject: Subject, undone: Undone) -> Mapping[str, Array] | None:
    """Return the gradient without something, by name; None where the model does not run without it."""
    if undone.gradient is None:
        return None
    subject.pins.pin()
    try:
        gradient = subject.named(undone.gradient())
    except Exception as error:  # the model may need what was undone
        if ends(error):
            raise
        return None
    return {subject.leaves[path].name: claim for path, claim in gradient.items()}


def _context(subject: Subject, earlier: Mapping[str, Array]) -> Context:
    oracle, leaves = subject.oracle, subject.leaves
    output, u = oracle.output, subject.cotangent
    return Context(
        values={leaf.name: leaf.known for leaf in leaves.values()},
        inputs=tuple(leaf.name for leaf in leaves.values() if leaf.kind == "input"),
        sizes=read(oracle.sizes),
        data=oracle.data,
        cotangent=None if output is None or u is None else np.asarray(u, dtype=np.float64).reshape(output.shape),
        output=output,
        earlier=earlier,
        numbers={**oracle.numbers, **dict(_numbers(oracle.point, ""))},
    )


def _numbers(tree: Tree, path: str) -> Iterator[tuple[str, float]]:
    """Yield the plain numbers that a layer holds, and the layers in it."""
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        for field in dataclasses.fields(tree):
            value = getattr(tree, field.name)
            if isinstance(value, (int, float)) and not isinstance(value, bool) and np.isfinite(value):
                yield trees.join(path, f".{field.name}"), value
            elif isinstance(value, tuple) and value and all(type(v) is int for v in value):
                yield trees.join(path, f".{field.name}") + ", multiplied", float(np.prod(value))
    for step, child in trees.children(tree) or ():
        yield from _numbers(child, trees.join(path, step))


def _kept(report: Report, subject: Subject, earlier: Mapping[str, Array], budget: Budget) -> dict[str, Array]:
    """Return the earlier claims that were made again, although they are wrong here and were right there."""
    again, missing = {}, {}
    for path, claim in earlier.items():
        tensor = report.tensors.get(subject.leaves[path].name)
        if tensor is not None and tensor.verdict is Verdict.WRONG and _same(tensor, claim):
            again[path] = claim
            missing[path] = _missing(tensor)
    if not again or not budget.affords(neighbours.TRIES + RIGHT * len(again), "whether a claim was kept"):
        return {}
    spent, before = budget.spent, subject.evaluations
    right = neighbours.right_elsewhere(subject, report.seed, again, missing)
    budget.spent = spent + subject.evaluations - before
    return {subject.leaves[path].name: claim for path, claim in right.items()}


def _kept_from_here(report: Report, subject: Subject) -> dict[str, Array]:
    """Return the claims of the given point that were made again nearby, where most of them are wrong.

    All are right at the given point, which is no simple one, so that they were computed there. Where the gradient is
    called there first, as it is to see which numbers of a record are parameters, that is what is kept.
    """
    again = {path: report.tensors.get(leaf.name) for path, leaf in subject.leaves.items()}
    nearby = {path: tensor for path, tensor in again.items() if tensor is not None and _most_wrong_nearby(tensor)}
    simple = {p for p in nearby if not subject.leaves[p].original.all() or not np.ptp(subject.leaves[p].original)}
    if nearby.keys() <= simple:
        return {}
    subject.pins.restore()
    given = subject.claims()
    return {t.name: given[p] for p, t in nearby.items() if p not in simple and _same(t, given[p])}


def _most_wrong_nearby(tensor: TensorResult) -> bool:
    """Return whether all that is wrong with a tensor is so at other points than the given one, and that is most."""
    wrong = tensor.codes == Verdict.WRONG
    nearby = all(int(flat) in tensor.places for flat in tensor.flat[wrong])
    return bool(
        nearby and wrong.any() and np.ptp(tensor.claims) and wrong.sum() > MOST * np.count_nonzero(tensor.claims)
    )


def _missing(tensor: TensorResult) -> Array:
    """Return what the claims of wrong entries lack, in the shape of the tensor; zero elsewhere."""
    lacking = np.where(tensor.codes == Verdict.WRONG, tensor.estimates - tensor.claims, 0.0)
    return np.nan_to_num(spread(tensor, lacking), nan=0.0, posinf=0.0, neginf=0.0)


def _same(tensor: TensorResult, claim: Array) -> bool:
    return tensor.size > 1 and np.array_equal(claim.ravel()[tensor.flat].astype(np.float64), tensor.claims)
