"""Which residual did each example pull with, and which is meant? Both are known, or nothing is said.

The measured gradient of all tensors that make the scores, and the claim for one of them, are each compared with every
known residual times every known weight.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gradcheck._diagnose.acceptance import PATTERN, is_generic, parallel
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.dense_layers import Scores, scores_of
from gradcheck._diagnose.evidence import ENOUGH, Evidence, Floats
from gradcheck._diagnose.residual import LossResidual, Weight, residuals, weights

OPERATIONS = 1e8  # multiplications of one reading, at the most
SCORES = 20_000  # of which a thousand residuals are computed, at the most
ENTRIES = 6  # of a tensor, that are compared first
NEAR = 1e-5  # relative: how close those have to be
DIGITS = 9  # of numbers that are taken for the same
MEANT = 8  # readings of the measured gradient that are followed


@dataclass(frozen=True)
class WeightedResidual:
    """A residual times a weight, times a constant."""

    weight: Weight
    residual: LossResidual
    constant: float

    @property
    def words(self) -> str:
        """As a formula, in brackets."""
        words = f"{self.weight.words} {self.residual.words}".strip()
        return words if _is_enclosed(words) else f"({words})"

    @property
    def pull(self) -> Floats:
        """In the shape of the scores."""
        found: Floats = self.constant * self.weight.by * self.residual.pull
        return found


def _is_enclosed(words: str) -> bool:
    """Whether the first bracket, before which a name may stand, closes at the end."""
    depth = list(itertools.accumulate((c == "(") - (c == ")") for c in words))
    opens = words.find("(")
    return opens >= 0 and (words[:opens] + "a").isidentifier() and 0 not in depth[opens:-1] and depth[-1] == 0


@dataclass(frozen=True)
class _Sought:
    """A few entries of the tensors that make scores, and what all pulls would make of them."""

    weights: list[Weight]
    residuals: list[LossResidual]
    made: Floats  # (weights, entries, residuals)
    measured: Floats  # (entries)
    claimed: Floats  # of the first of those entries

    def of_measured(self) -> Iterator[WeightedResidual]:
        """Yield the pulls, each with its constant, that make what was measured in these entries."""
        c, off = _fitted(self.made, self.measured)
        for w, r in zip(*np.nonzero(off <= NEAR * np.max(np.abs(self.measured))), strict=True):
            yield WeightedResidual(self.weights[w], self.residuals[r], float(c[w, r]))

    def of_claim(self, constant: float) -> Iterator[WeightedResidual]:
        """Yield those that make what is claimed, with the same constant, or else with another."""
        made = self.made[:, : len(self.claimed)]
        room = NEAR * np.max(np.abs(self.claimed), initial=0.0)
        same = np.max(np.abs(constant * made - self.claimed[:, np.newaxis]), axis=1) <= room
        for w, r in zip(*np.nonzero(same), strict=True):
            yield WeightedResidual(self.weights[w], self.residuals[r], constant)
        if len(self.claimed) >= ENOUGH:
            c, off = _fitted(made, self.claimed)
            for w, r in zip(*np.nonzero((off <= room) & ~same), strict=True):
                yield WeightedResidual(self.weights[w], self.residuals[r], float(c[w, r]))


def _fitted(made: Floats, wanted: Floats) -> tuple[Floats, Floats]:
    """Return the constants that make the most of what is wanted, and how far off they leave any of it."""
    squares = np.sum(made * made, axis=1)
    c = np.einsum("wer,e->wr", made, wanted) / np.where(squares > 0, squares, np.inf)
    return c, np.max(np.abs(c[:, np.newaxis] * made - wanted[:, np.newaxis]), axis=1)


def otherwise(evidence: Evidence) -> Cause | None:
    """The measured gradient is that of a known residual of each example, the claim that of another."""
    y = evidence.context.output
    if (y is not None and y.size > 1) or not evidence.whole:
        return None  # what comes from above is no residual
    if not is_generic(evidence.claim) or _in_few(evidence) or _one_factor(evidence):
        return None
    found = (_of_scores(evidence, scores) for scores in scores_of(evidence) if scores.z.size <= SCORES)
    return next((cause for cause in found if cause), None)


def _of_scores(evidence: Evidence, scores: Scores) -> Cause | None:
    """Find both residuals of some scores; where nothing makes what was measured, with weight decay beside it."""
    tables: list[_Table] = []
    for decayed in (False, True):
        sought = _sought(evidence, scores, tables, decayed=decayed)
        if sought is None:
            return None
        meant = list(itertools.islice(sought.of_measured(), MEANT))
        for right in meant:
            rate = _decay(evidence, scores, right, decayed=decayed)
            taken = sorted(sought.of_claim(right.constant), key=lambda p: _apart(p, right)) if rate is not None else []
            for pull in taken[:MEANT]:
                different = not parallel(pull.pull, right.pull, PATTERN)
                if different and _is_claimed(evidence, scores, pull, right, rate or 0.0):
                    return Cause(Slip.PER_EXAMPLE, evidence.name, _said(evidence, scores, pull, right))
        if meant:
            return None
    return None


def _in_few(evidence: Evidence) -> bool:
    """Whether so few entries are wrong, of many, that no pull made them: each reaches a whole column of a weight."""
    return bool(np.count_nonzero(evidence.wrong) < ENOUGH <= np.count_nonzero(evidence.right))


def _one_factor(evidence: Evidence) -> bool:
    """Whether the claim is a multiple of the measured gradient: a factor is a plainer thing to be wrong."""
    return evidence.claim.size > 1 and evidence.multiple(evidence.claim)


@dataclass(frozen=True)
class _Table:
    """All weights and residuals of some scores, and these as columns."""

    weights: list[Weight]
    residuals: list[LossResidual]
    by: Floats  # (weights, N K)
    pulls: Floats  # (N K, residuals)

    @classmethod
    def of(cls, evidence: Evidence, z: Floats) -> _Table:
        """Compute them, without those that are, at this point, what another is that comes before them."""
        ws, rs = list(weights(evidence, z.shape)), list(residuals(evidence, z))
        by = np.stack([np.broadcast_to(w.by, z.shape).ravel() for w in ws])
        pulls = np.nan_to_num(np.stack([r.pull.ravel() for r in rs]), nan=0.0, posinf=0.0, neginf=0.0)
        first, others = _first(by), _first(pulls)
        return cls([ws[k] for k in first], [rs[k] for k in others], by[first], pulls[others].T)


def _first(rows: Floats) -> list[int]:
    """Return the first of all rows that are alike, by what they are along two random directions."""
    seen = np.round(rows @ np.random.default_rng(0).normal(size=(rows.shape[1], 2)), DIGITS)
    kept: dict[tuple[float, ...], int] = {}
    for k, row in enumerate(seen):
        kept.setdefault(tuple(row), k)
    return list(kept.values())


def _sought(evidence: Evidence, scores: Scores, tables: list[_Table], *, decayed: bool) -> _Sought | None:
    """Return a few entries; with weight decay, what is left of them across the weight itself."""
    known = {n: e for n, e in evidence.context.measured.items() if n in scores.ways}
    if evidence.name not in known:
        return None
    rows, measured, claimed = [], [], np.zeros(0)
    for name in (evidence.name, *(n for n in known if n != evidence.name)):
        entries = _telling(known[name], evidence.clearest if name == evidence.name else [])
        across = _across(evidence.context.values[name].ravel()[entries].astype(np.float64), decayed=decayed)
        rows.append(across @ np.stack([scores.ways[name].weights(k).ravel() for k in entries]))
        measured.append(across @ known[name].ravel()[entries])
        if name == evidence.name:
            claimed = across @ evidence.claim.ravel()[entries]
    lines, seen = np.concatenate(rows), np.concatenate(measured)
    size = evidence.slack.max() + PATTERN * np.abs(evidence.estimate).max()
    if np.count_nonzero(np.abs(seen) > size) < ENOUGH or np.linalg.matrix_rank(lines) < ENOUGH:
        return None  # of two examples everything is made
    tables[:] = tables or [_Table.of(evidence, scores.z)]
    table = tables[0]
    if len(table.weights) * len(table.residuals) * lines.size > OPERATIONS:
        return None
    made = (lines * table.by[:, np.newaxis]).reshape(-1, lines.shape[1]) @ table.pulls
    shape = len(table.weights), len(lines), len(table.residuals)
    return _Sought(table.weights, table.residuals, made.reshape(shape), seen, claimed)


def _across(weight: Floats, *, decayed: bool) -> Floats:
    """Return a basis, in rows, of all entries, or of what stands across a weight."""
    if not decayed or len(weight) < ENOUGH:
        return np.eye(len(weight))
    whole: Floats = np.linalg.qr(np.column_stack([weight, np.eye(len(weight))]))[0]
    return whole[:, 1 : len(weight)].T


def _telling(estimate: Floats, first: list[int]) -> list[int]:
    """Return a few entries, flat: those that are given, and the largest."""
    largest = np.argsort(-np.abs(estimate), axis=None, kind="stable")[:ENTRIES]
    return list(dict.fromkeys([*first, *map(int, largest)]))[:ENTRIES]


def _apart(one: WeightedResidual, other: WeightedResidual) -> tuple[int, bool]:
    """Return in how many ways two pulls differ, other than by a constant, and whether by one as well."""
    a, b = one.residual, other.residual
    return (one.weight.words != other.weight.words) + (a.words != b.words) * (
        1 if (a.link, a.words.partition(" ")[0]) == (b.link, b.words.partition(" ")[0]) else 2
    ), one.constant != other.constant


def _decay(evidence: Evidence, scores: Scores, pull: WeightedResidual, *, decayed: bool) -> float | None:
    """Return how much weight decay a tensor has beside what a pull makes; None if more was measured."""
    rates = {}
    for name, estimate in evidence.context.measured.items():
        if name not in scores.ways:
            continue
        off, weight = estimate - scores.ways[name].gradient(pull.pull), evidence.context.values[name].astype(np.float64)
        rates[name] = float(np.sum(off * weight) / np.sum(weight**2)) if decayed and weight.any() else 0.0
        room = np.max(evidence.slack) + PATTERN * np.max(np.abs(estimate), initial=0.0)
        if not (np.abs(off - rates[name] * weight) <= room).all():
            return None
    return rates[evidence.name]


def _is_claimed(
    evidence: Evidence, scores: Scores, pull: WeightedResidual, right: WeightedResidual, decay: float
) -> bool:
    """Whether a pull makes all that is claimed, with the weight decay that was measured."""
    weight = 0.0 if evidence.value is None else evidence.value
    prediction = scores.ways[evidence.name].gradient(pull.pull) + decay * weight
    fitted = int(pull.constant != right.constant) + bool(decay)
    return evidence.explained(prediction, pull.constant / right.constant, fitted=fitted)


def _said(evidence: Evidence, scores: Scores, pull: WeightedResidual, right: WeightedResidual) -> str:
    way = scores.ways[evidence.name]
    of = "" if way.A is None else f"{way.by}.T "
    ratio = pull.constant / right.constant
    times = "" if pull.constant == right.constant else f", and all of it is {ratio:.6g} times as large"
    end = _end(pull, right)
    return (
        f"this is {of}{pull.words}, where {of}{right.words} is meant, with {scores.words}"
        f"{f': {end}' if end else ''}{times}"
    )


def _end(pull: WeightedResidual, right: WeightedResidual) -> str:
    """Say what is the matter in a word, where the two differ in one thing."""
    a, b, taken, meant = pull.residual, right.residual, pull.weight.words, right.weight.words
    if a.words == b.words:
        if not taken:
            return f"{meant} is left out"
        return f"{taken} where {meant} is meant" if meant else f"{taken} is multiplied in once too often"
    if taken != meant or a.link != b.link or a.power == b.power:
        return ""
    how = "left out" if a.power < b.power else "multiplied in once too often"
    return f"the derivative of {a.link} is {how}"
