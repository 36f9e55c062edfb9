"""What is found out about every tensor? All entries, or a sample, or random directions; and neighbours besides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gradcheck._entries import directions, joint, tensor
from gradcheck._entries.compared import HELD, Compared, compared
from gradcheck._entries.under_test import Experience, UnderTest, noise_through
from gradcheck._entries.visits import Known, merged, untested, visit
from gradcheck._judge.tolerance import Slack, Standard, largest_of
from gradcheck._model.leaf import VAST
from gradcheck._model.oracle import Array
from gradcheck._model.subject import Evaluator, Subject
from gradcheck._model.tally import NEIGHBOURS, SITES, Spent
from gradcheck._results.floating import DOUBLE
from gradcheck._results.report import TensorResult
from gradcheck._results.verdict import Verdict

Floats = NDArray[np.float64]
PRICE = 56  # evaluations of a tensor besides two for each entry: its noise, and two ladders
RESERVED = 2.0  # times what they take where they are right, that is kept for the tensors to come
EVERY = ("auto", "all")  # words for all entries, if that is affordable
MANY = 500  # tensors, beyond which those are not measured one after another that agree along directions through all
DEEP = 1024.0  # roundings of f that those inside of it may add up to; more noise than that has another cause


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


@dataclass(frozen=True)
class Record:
    """What is known of every tensor so far; and of those in which nothing is wrong, how well: they are asked nearby."""

    results: dict[str, TensorResult]
    unsuspected: dict[str, Known]

    def add(self, path: str, found: tuple[TensorResult, float], standard: Standard, sigma: float) -> None:
        """Keep the result of a tensor, and how rough its right claims are, with its standard and its noise."""
        self.results[path], rough = found
        if not self.results[path].wrong:
            result = self.results[path]
            codes = frozenset(result.counts or {Verdict.CORRECT})
            self.unsuspected[path] = Known(replace(standard, rough=rough), sigma, codes, result.flat[untested(result)])


@dataclass(frozen=True)
class Sweep:
    """What goes from tensor to tensor: the claims, their standards, who draws and evaluates, and what is known."""

    subject: Subject
    claims: Mapping[str, Array]
    extent: Extent
    source: Evaluator
    rng: np.random.Generator
    standards: Mapping[str, Standard]
    record: Record
    held: Compared

    @property
    def hasty(self) -> bool:
        """Whether a few directions suffice where they agree."""
        return self.extent.hasty and not self.subject.coarse

    def under_test(self, path: str, sigma: float) -> UnderTest:
        """Open a tensor; `sigma`: the noise of f along all tensors, 0.0 where its own is to be measured."""
        claim = self.claims[path].astype(np.float64, copy=False).ravel()
        return UnderTest.of(self.subject, path, claim, self.standards[path], self.rng, sigma=sigma, shared=sigma > 0)

    def all_under_test(self, paths: Iterable[str], sigma: float = 0.0) -> Iterator[UnderTest]:
        """Open some tensors without a measurement of their own noise: more than is known shows as disagreement."""
        noise = max(sigma, joint.ROUNDINGS * self.subject.rounding())
        yield from (self.under_test(path, noise) for path in paths)

    def opened(self, path: str, sigma: float) -> UnderTest | None:
        """Open a tensor; None where not even its noise can be measured as no more evaluations may be made."""
        try:
            return self.under_test(path, sigma)
        except Spent:
            self.subject.tally.leave(self.subject.leaves[path].name)
            return None


def measured(
    subject: Subject, claims: Mapping[str, Array], extent: Extent, source: Evaluator
) -> dict[str, TensorResult]:
    """Measure every chosen tensor at the given point, and screen those that are not wrong at its neighbours."""
    rng, record = np.random.default_rng(extent.seed), Record({}, {})
    held = _compared(subject, claims, extent)
    sweep = Sweep(subject, claims, extent, source, rng, standards(subject, claims, extent), record, held)
    subject.tally.found = record.results
    alike = joint.seen(sweep.all_under_test(subject.chosen)) if sweep.hasty else {}
    sigma = 0.0 if len(alike) == len(subject.chosen) else _noise_together(subject, rng)
    if not alike and extent.entries in EVERY:
        _by_sites(sweep, sigma)
    _one_after_another(sweep, alike, sigma)
    _nearby(sweep)
    return record.results


def _compared(subject: Subject, claims: Mapping[str, Array], extent: Extent) -> Compared:
    """Find inputs that are only compared with numbers; those at which f jumps are not measured, which is said."""
    try:
        held = compared(subject, claims, extent.seed)
    except Spent:
        return Compared()
    if held.jumping:
        names = ", ".join(sorted(subject.leaves[path].name for path in held.jumping))
        subject.tally.said = (*subject.tally.said, HELD.format(names))
    return held


def _by_sites(sweep: Sweep, sigma: float) -> None:
    """Measure what shifts of pre-activations can measure; nothing where no more evaluations could be made."""
    subject = sweep.subject
    if subject.oracle.sites is None:
        return
    from gradcheck._entries.sites import measure as sites

    rounding = joint.ROUNDINGS * subject.rounding()
    try:
        sited = sites.measured(
            subject, lambda path: sweep.under_test(path, rounding), lambda path: sweep.opened(path, sigma)
        )
    except Spent:
        subject.tally.leave(SITES)
        return
    for path, tested in sited.items():
        found = tensor.finished(tested, tested.leaf.moved, SITES)
        sweep.record.add(path, found, sweep.standards[path], tested.sigma)


def _one_after_another(sweep: Sweep, alike: Mapping[str, float], sigma: float) -> None:
    """Measure what shifts of pre-activations did not; `alike`: what agreed along directions through all tensors."""
    subject, record, taught = sweep.subject, sweep.record, Experience()
    rest = [path for path in subject.chosen if path not in record.results and path not in sweep.held.jumping]
    if len(rest) > MANY and sweep.extent.entries == "auto" and not (alike or sweep.extent.only):
        alike = _of_many(sweep, rest, sigma)
    prices = {path: price(subject.leaves[path].array.size) for path in rest if path not in alike}
    others, still = sum(prices.values()), list[str]()
    for path in rest:
        leaf, standard = subject.leaves[path], sweep.standards[path]
        subject.tally.at = leaf.name
        if path in alike:
            found = tensor.agreed(leaf, joint.MEANS, alike[path], standard.largest)
            record.add(path, (found, standard.rough), standard, subject.rounding())
        elif sweep.extent.only and leaf.name not in sweep.extent.only:
            record.results[path] = tensor.unmeasured(leaf, sweep.claims[path], Verdict.UNTESTED)
        else:
            others -= prices[path]
            with subject.tally.share(_share(prices[path], others, subject.tally.left)):
                taught = _one(sweep, path, sigma, taught)
            if not subject.tally.flight and not record.results[path].claims.any():
                still.append(path)
    for path in still if subject.tally.flight else ():  # what was then seen of others is looked for in these
        subject.tally.at = subject.leaves[path].name
        _one(sweep, path, sigma, Experience())
    subject.tally.at = ""


def _of_many(sweep: Sweep, paths: Sequence[str], sigma: float) -> dict[str, float]:
    """Return which of many tensors agree along directions through all of them, except for a few, which are measured."""
    measured = {*sweep.rng.choice(np.array(paths), directions.FEWEST, replace=False).tolist()}
    try:
        return joint.well_known(sweep.all_under_test([path for path in paths if path not in measured], sigma))
    except Spent:
        return {}


def _share(own: int, others: int, left: int) -> float:
    """Return the part of what is left that a tensor may take: all but what the others need, if that is more."""
    return max(own / (own + others), 1.0 - RESERVED * others / max(left, 1))


def _one(sweep: Sweep, path: str, sigma: float, before: Experience) -> Experience:
    """Measure one tensor with what the one before taught; return what it teaches the next one."""
    tested, record = sweep.opened(path, sigma), sweep.record
    if tested is None:
        record.results[path] = tensor.unmeasured(sweep.subject.leaves[path], sweep.claims[path])
        return before
    quick = tensor.by_itself(tested) if sweep.hasty else None
    if sweep.hasty and quick is None:
        tested = sweep.opened(path, sigma) or tested  # without what directions have taught
    tested.experience.follow(before, further=bool(record.results))
    found = quick or tensor.whole(tested, sweep.extent.entries, sweep.source)
    record.add(path, found, sweep.standards[path], tested.sigma)
    return tested.experience


def _nearby(sweep: Sweep) -> None:
    """Screen at neighbours what is not wrong at the given point."""
    subject, record = sweep.subject, sweep.record
    neighbours, seed = sweep.extent.neighbours, sweep.extent.seed
    try:
        with subject.tally.during(NEIGHBOURS, whole=True):
            for seen in visit(
                subject, sweep.claims, neighbours, sweep.rng, record.unsuspected, seed=seed, held=sweep.held.tensors
            ):
                record.results[seen.path] = merged(record.results[seen.path], seen)
    except Spent:
        subject.tally.leave("neighbours")


def price(size: int) -> int:
    """Return about how many evaluations so many entries of a tensor take, where it is right."""
    return PRICE + 2 * directions.sampled(size)


def _noise_together(subject: Subject, rng: np.random.Generator) -> float:
    """Return the noise of f along all tensors at once, if that is mere rounding; 0.0 where each may have its own."""
    many = sum(leaf.array.size for leaf in subject.chosen.values()) > VAST
    if len(subject.chosen) == 1 or many or subject.eps > DOUBLE:
        return 0.0
    try:
        noise = noise_through(subject, subject.chosen, rng)
    except Spent:
        return 0.0
    return noise if noise <= DEEP * subject.rounding() else 0.0


def standards(subject: Subject, claims: Mapping[str, Array], extent: Extent) -> dict[str, Standard]:
    """Return the standard of each tensor: its own largest claim, and how much the others move f."""
    largest = {path: largest_of(claim) for path, claim in claims.items()}
    typical = {path: subject.leaves[path].typical for path in claims}
    influence = {path: largest[path] * typical[path] for path in claims}
    first, second = (*sorted(influence.values(), reverse=True), 0.0, 0.0)[:2]
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
            elsewhere=(second if influence[path] == first else first) / typical[path],
        )
        for path in claims
    }
