"""What is found out about every tensor? All entries, or a sample, or random directions; and neighbours besides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from gradcheck._entries import directions, joint, one_by_one
from gradcheck._entries.known import known_to
from gradcheck._entries.table import LARGE, Columns
from gradcheck._entries.under_test import UnderTest
from gradcheck._entries.visits import Known, merged, visit
from gradcheck._judge.tolerance import Slack, Standard
from gradcheck._model.oracle import Array
from gradcheck._model.point import Leaf
from gradcheck._model.subject import Evaluator, Subject
from gradcheck._results.report import TensorResult
from gradcheck._results.verdict import Verdict

Tick = Callable[[int], object]

DIRECTIONS = "directions"  # in the place of how many entries: few of each, or none
NONE = np.zeros(0, dtype=np.int64)  # entries


@dataclass(frozen=True)
class Extent:
    """How much is measured, and to which standard: what the caller says of it."""

    seed: int
    entries: str | int  # "auto", "all", "directions", or how many of each tensor
    neighbours: int
    rtol: float | None
    slack: Slack


def measured(
    subject: Subject, claims: Mapping[str, Array], extent: Extent, source: Evaluator, tick: Tick
) -> dict[str, TensorResult]:
    """Measure every chosen tensor at the given point, and screen those that are not wrong at its neighbours."""
    rng = np.random.default_rng(extent.seed)
    held = standards(subject, claims, extent)
    results, unsuspected = {}, {}
    together = joint.seen(subject, claims, held, rng) if extent.entries == DIRECTIONS else {}
    for path in subject.chosen:
        if path in together and joint.sharp(together[path], held[path]):
            results[path] = _unmeasured(subject.leaves[path], joint.MEANS, together[path], held[path].largest)
            unsuspected[path] = Known(held[path], subject.rounding(), frozenset({Verdict.CORRECT}))
            continue
        claim = claims[path].astype(np.float64, copy=False).ravel()
        tested = UnderTest.of(subject, path, claim, held[path], rng)
        results[path] = _tensor(tested, extent.entries, source, tick)
        if not results[path].wrong:
            unsuspected[path] = Known(held[path], tested.sigma, frozenset(results[path].counts))
    for nearby in visit(subject, claims, extent.neighbours, rng, unsuspected, seed=extent.seed):
        results[nearby.path] = merged(results[nearby.path], nearby)
    return results


def standards(subject: Subject, claims: Mapping[str, Array], extent: Extent) -> dict[str, Standard]:
    """Say what each tensor is held to: its own largest claim, and how much the others move f."""
    largest = {p: float(np.max(np.abs(c), where=np.isfinite(c), initial=0.0)) for p, c in claims.items()}
    typical = {path: float(np.median(subject.leaves[path].scale)) for path in claims}
    influence = {path: largest[path] * typical[path] for path in claims}
    return {
        path: Standard(
            rtol=extent.rtol,
            slack=extent.slack,
            rounding=max(
                float(np.finfo(claims[path].dtype).eps),
                subject.leaves[path].eps * bool(subject.leaves[path].digits),
                subject.tally.eps * subject.coarse,
            ),
            largest=largest[path],
            elsewhere=max((v for other, v in influence.items() if other != path), default=0.0) / typical[path],
        )
        for path in claims
    }


def _tensor(tested: UnderTest, entries: str | int, source: Evaluator, tick: Tick) -> TensorResult:
    """Measure all entries of a tensor, or a sample of them, or screen it and measure a sample besides."""
    columns, size = tested.columns, len(tested.columns.claims)
    means, note, seen = "one by one", "", 0.0
    if entries == DIRECTIONS:
        chosen, seen = joint.by_itself(tested)
        if not len(chosen):
            return _unmeasured(tested.leaf, f"{joint.OWN} random directions", seen, tested.standard.largest)
        means = f"random directions, and {len(chosen)} entries one by one"
    elif entries == "auto" and size > LARGE:
        screened = directions.screen(tested)
        chosen, note, seen = screened.measured, screened.note, screened.seen
        means = f"{directions.DIRECTIONS} random directions, and {len(chosen)} entries one by one"
        tick(size)
    else:
        moved = tested.leaf.moved
        few = not isinstance(entries, str) and entries < len(moved)
        chosen = np.sort(tested.rng.choice(moved, int(entries), replace=False)) if few else moved
        one_by_one.measure(tested, chosen, source, tick)
    known = known_to(tested, chosen)
    result = _result(tested.leaf, columns.only(chosen), means, "; ".join(filter(None, [note, known.said])))
    largest = tested.standard.largest
    return replace(result, resolution=max(known.resolution, seen / largest if largest else 0.0))


def _unmeasured(leaf: Leaf, means: str, seen: float, largest: float) -> TensorResult:
    """Return the result of a tensor that agrees along directions, of which no entry was measured by itself."""
    note = f"an error above {seen:.1g} in any single entry would have been seen"
    return replace(_result(leaf, Columns(NONE, NONE.astype(np.float64)), means, note), resolution=seen / largest)


def _result(leaf: Leaf, columns: Columns, means: str, note: str) -> TensorResult:
    return TensorResult(
        name=leaf.name,
        kind=leaf.kind,
        shape=leaf.array.shape,
        dtype=str(leaf.dtype),
        flat=columns.flat,
        claims=columns.claims,
        estimates=columns.estimates,
        uncertainties=columns.uncertainties,
        lefts=columns.lefts,
        rights=columns.rights,
        codes=columns.codes,
        rungs=columns.rungs,
        means=means,
        note=note,
    )
