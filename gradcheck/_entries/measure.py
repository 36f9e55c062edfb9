"""What is found out about every tensor? All entries, or a sample, or random directions; and neighbours besides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gradcheck._entries import directions, joint, one_by_one
from gradcheck._entries.known import known_to
from gradcheck._entries.one_by_one import FEW
from gradcheck._entries.table import LARGE, Columns, Sparse
from gradcheck._entries.under_test import BEGIN, Ints, UnderTest, noise_through
from gradcheck._entries.visits import Known, merged, visit
from gradcheck._judge.tolerance import Slack, Standard
from gradcheck._model.oracle import Array
from gradcheck._model.point import Leaf
from gradcheck._model.subject import Evaluator, Subject
from gradcheck._model.tally import NEIGHBOURS, SITES, Spent
from gradcheck._results.floating import DOUBLE
from gradcheck._results.middle import median
from gradcheck._results.report import TensorResult
from gradcheck._results.verdict import Verdict

Floats = NDArray[np.float64]
PRICE = 56  # evaluations of a tensor beside two for each entry: its noise, and two ladders
EVERY = ("auto", "all")  # entries, if that is not dear
NOT_AT_ALL = "no evaluation"  # by what means it was measured of which nothing was
DEEP = 1024.0  # roundings of f, that those inside of it may add up to; what is more is no mere rounding
MANY = 1_000_000  # entries that are not moved all at once, since as many moves would have to be kept

NONE = np.zeros(0, dtype=np.int64)  # entries


@dataclass(frozen=True)
class Extent:
    """How much is measured, and to which standard: what the caller says of it."""

    seed: int
    entries: str | int  # "auto", "all", "directions", or how many of each tensor
    neighbours: int
    rtol: float | None
    slack: Slack
    hasty: bool = False  # whether a few directions through all tensors suffice where they agree
    only: tuple[str, ...] = ()  # tensors that are measured, where not all are


def measured(
    subject: Subject, claims: Mapping[str, Array], extent: Extent, source: Evaluator
) -> dict[str, TensorResult]:
    """Measure every chosen tensor at the given point, and screen those that are not wrong at its neighbours."""
    rng = np.random.default_rng(extent.seed)
    held = standards(subject, claims, extent)
    hasty = extent.hasty and not subject.coarse
    agreed = joint.seen(subject, claims, held, rng) if hasty else {}
    together = 0.0 if len(agreed) == len(subject.chosen) else _noise_together(subject, rng)
    tally, begin = subject.tally, BEGIN
    sited = {} if agreed or extent.entries not in EVERY else _by_sites(subject, claims, held, rng, together)
    shown = {path: _finished(tested, tested.leaf.moved, SITES) for path, tested in sited.items()}
    results = {path: result for path, (result, _) in shown.items()}
    unsuspected = {
        path: Known(replace(held[path], rough=rough), sited[path].sigma, frozenset(result.counts))
        for path, (result, rough) in shown.items()
        if not result.wrong
    }
    tally.found = results
    prices = {path: price(leaf.array.size) for path, leaf in subject.chosen.items() if path not in {*agreed, *sited}}
    for path in [path for path in subject.chosen if path not in sited]:
        tally.at = subject.leaves[path].name
        if path in agreed:
            results[path] = _agreed(subject.leaves[path], joint.MEANS, agreed[path], held[path].largest)
            unsuspected[path] = Known(held[path], subject.rounding(), frozenset({Verdict.CORRECT}))
            continue
        claim = claims[path].astype(np.float64, copy=False).ravel()
        if extent.only and subject.leaves[path].name not in extent.only:
            results[path] = _unmeasured(subject, path, claim, Verdict.UNTESTED)
            continue
        with tally.share(prices[path] / sum(prices.values())):
            del prices[path]
            make = partial(UnderTest.of, subject, path, claim, held[path], rng, sigma=together, shared=together > 0)
            tested = _opened(make, subject, path)
            if tested is None:
                results[path] = _unmeasured(subject, path, claim)
                continue
            quick = _by_itself(tested) if hasty else None
            if hasty and quick is None:
                tested = _opened(make, subject, path) or tested  # without what directions have taught
            tested.experience.begin, tested.experience.further = begin, bool(results)
            results[path], rough = quick or _tensor(tested, extent.entries, source)
            begin = min(tested.experience.begin, BEGIN)
        if not results[path].wrong:
            standard = replace(held[path], rough=rough)
            unsuspected[path] = Known(standard, tested.sigma, frozenset(results[path].counts))
    tally.at = ""
    try:
        with tally.during(NEIGHBOURS, whole=True):
            for nearby in visit(subject, claims, extent.neighbours, rng, unsuspected, seed=extent.seed):
                results[nearby.path] = merged(results[nearby.path], nearby)
    except Spent:
        tally.leave("neighbours")
    return results


def _by_sites(
    subject: Subject, claims: Mapping[str, Array], held: Mapping[str, Standard], rng: np.random.Generator, sigma: float
) -> dict[str, UnderTest]:
    """Measure what shifts of pre-activations can measure; nothing where no more evaluations could be made."""
    if subject.oracle.sites is None:
        return {}
    from gradcheck._entries.sites import measure as sites

    def make(path: str, noise: float = joint.ROUNDINGS * subject.rounding()) -> UnderTest:
        claim = claims[path].astype(np.float64, copy=False).ravel()
        return UnderTest.of(subject, path, claim, held[path], rng, sigma=noise, shared=noise > 0)

    try:
        return sites.measured(subject, make, lambda path: _opened(partial(make, path, sigma), subject, path))
    except Spent:
        subject.tally.leave(SITES)
        return {}


def _opened(make: Callable[..., UnderTest], subject: Subject, path: str) -> UnderTest | None:
    """Return a tensor under test; None where not even its noise can be measured as no more evaluations may be made."""
    try:
        return make()
    except Spent:
        subject.tally.leave(subject.leaves[path].name)
        return None


def _unmeasured(subject: Subject, path: str, claim: Floats, verdict: Verdict = Verdict.UNDECIDED) -> TensorResult:
    """Return the result of a tensor of which nothing was measured: nobody knows of the first entries, or of any."""
    leaf = subject.leaves[path]
    columns = Columns.of(claim).only(leaf.moved[:LARGE])
    columns.codes[:] = verdict
    return _result(leaf, columns, NOT_AT_ALL, "")


def price(size: int) -> int:
    """Return about how many evaluations so many entries of a tensor take, where it is right."""
    return PRICE + 2 * directions.sampled(size)


def _noise_together(subject: Subject, rng: np.random.Generator) -> float:
    """Return the noise of f along all tensors at once, if that is mere rounding; 0.0 where each may have its own."""
    many = sum(leaf.array.size for leaf in subject.chosen.values()) > MANY
    if len(subject.chosen) == 1 or many or subject.eps > DOUBLE:
        return 0.0
    try:
        noise = noise_through(subject, subject.chosen, rng)
    except Spent:
        return 0.0
    return noise if noise <= DEEP * subject.rounding() else 0.0


def standards(subject: Subject, claims: Mapping[str, Array], extent: Extent) -> dict[str, Standard]:
    """Say what each tensor is held to: its own largest claim, and how much the others move f."""
    largest = {p: float(np.max(np.abs(c), where=np.isfinite(c), initial=0.0)) for p, c in claims.items()}
    typical = {path: median(subject.leaves[path].scale) for path in claims}
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


def _tensor(tested: UnderTest, entries: str | int, source: Evaluator) -> tuple[TensorResult, float]:
    """Measure all entries of a tensor, or a sample of them, or screen it and measure a sample besides.

    Returns what came of it, and how rough its right claims are.
    """
    size = len(tested.columns.claims)
    means, note, seen = "one by one", "", 0.0
    quick = entries == "directions" and len(tested.leaf.moved) > FEW
    if quick or (entries == "auto" and size > LARGE):
        screened = _screened(tested, quick=quick)
        chosen, note, seen = screened.measured, screened.note, screened.seen
        means = f"{screened.directions} random directions, and {len(chosen)} entries one by one"
    else:
        moved = tested.leaf.moved
        few = not isinstance(entries, str) and entries < len(moved)
        chosen = np.sort(tested.rng.choice(moved, int(entries), replace=False)) if few else moved
        _one_by_one(tested, chosen, source)
    return _finished(tested, chosen, means, note, seen)


def _finished(
    tested: UnderTest, chosen: Ints, means: str, note: str = "", seen: float = 0.0
) -> tuple[TensorResult, float]:
    """Return what came of the entries of a tensor, and how rough its right claims are."""
    columns, known = tested.columns, known_to(tested, chosen)
    if known.rough and not _single(columns.claims[chosen]):
        _excuse(columns, known.rough)
    result = _result(tested.leaf, columns.only(chosen), means, "; ".join(filter(None, [note, known.said])))
    largest = tested.standard.largest
    return replace(result, resolution=max(known.resolution, seen / largest if largest else 0.0)), known.rough


def _single(claims: Floats) -> bool:
    """Return whether claims are numbers of single precision: of those it is known why they are off, and it is said."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool((claims.astype(np.float32) == claims).all())


def _excuse(columns: Columns, rough: float) -> None:
    """Call right what is off by no more than others are that are right: a backward in single precision rounds all."""
    with np.errstate(invalid="ignore"):
        near = np.abs(columns.claims - columns.estimates) <= columns.uncertainties + rough
    columns.codes[near & (columns.codes == Verdict.WRONG)] = Verdict.CORRECT


def _one_by_one(tested: UnderTest, chosen: Ints, source: Evaluator) -> None:
    """Measure entries as far as evaluations may be made; of the others nobody knows."""
    try:
        one_by_one.measure(tested, chosen, source)
    except Spent:
        left, name = int(np.count_nonzero(tested.columns.codes[chosen] == Verdict.UNDECIDED)), tested.leaf.name
        tested.tally.leave(f"{left} of {len(chosen)} entries of {name}" if left else f"closer looks at {name}")


def _screened(tested: UnderTest, *, quick: bool) -> directions.Screened:
    """Screen a tensor; what was right of it before no more evaluations could be made says nothing of the rest."""
    try:
        return directions.screen(tested, quick=quick)
    except Spent:
        columns = tested.columns
        tested.tally.leave(tested.leaf.name)
        looked_at = list(columns.codes.known) if isinstance(columns.codes, Sparse) else tested.leaf.moved
        known = np.union1d(tested.leaf.moved[:1], looked_at).astype(np.int64)
        columns.codes[known[columns.codes[known] != Verdict.WRONG]] = Verdict.UNDECIDED
        return directions.Screened(known, "", 0)


def _by_itself(tested: UnderTest) -> tuple[TensorResult, float] | None:
    """Look along directions through a tensor; None where they do not tell enough, and it is to be measured anew."""
    chosen, seen = joint.by_itself(tested)
    if chosen is None:
        return None
    if not len(chosen):
        return _agreed(tested.leaf, f"{joint.OWN} random directions", seen, tested.standard.largest), 0.0
    known = known_to(tested, chosen)
    means = f"random directions, and {len(chosen)} entries one by one"
    result = _result(tested.leaf, tested.columns.only(chosen), means, known.said)
    return replace(result, resolution=known.resolution), known.rough


def _agreed(leaf: Leaf, means: str, seen: float, largest: float) -> TensorResult:
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
