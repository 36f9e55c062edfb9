"""Does the gradient hold nearby too? What is zero at the given point may hide any mistake there.

Zero-initialised layers, dead units and all-positive inputs leave parts of a backward unexercised. So the whole
gradient is screened once more at random points close by, where nothing is exactly zero and inputs take both signs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._entries import directions
from gradcheck._entries.one_entry import Bench
from gradcheck._entries.table import Columns
from gradcheck._model.oracle import Array
from gradcheck._model.subject import Subject
from gradcheck._results.errors import CallError, InputError
from gradcheck._results.report import TensorResult
from gradcheck._results.verdict import Verdict

Floats = NDArray[np.float64]

NEAR = 0.2  # the standard deviation of the move, relative to the scale of each entry
REMEMBERED = 1_000_000  # entries
TRIES = 4  # each with half the move of the one before: the domain of the function may be narrow


@dataclass(frozen=True)
class Finding:
    """What a neighbour says of one tensor: wrong entries located there, or which entries it exercised."""

    path: str
    where: str
    columns: Columns
    exercised: NDArray[np.bool_]  # flat: whether the claim there is nonzero and agrees


def call_elsewhere(subject: Subject, seed: int) -> dict[str, Array]:
    """Call function and gradient at a neighbour first: one that keeps what it computed first is then found out.

    Returns what was claimed there, nothing if no neighbour is in the domain, or if that is much to remember.
    """
    with _somewhere_near(subject, np.random.default_rng(seed), flip=False) as claims:
        few = sum(claim.size for claim in claims.values()) <= REMEMBERED
        return {path: claim.copy() for path, claim in claims.items()} if few else {}


def right_elsewhere(subject: Subject, seed: int, claims: Mapping[str, Array]) -> dict[str, Array]:
    """Return those of the claims of `call_elsewhere` that are right there, along one random direction each."""
    rng = np.random.default_rng(seed + 1)
    right = {}
    with _somewhere_near(subject, np.random.default_rng(seed), flip=False) as there:
        for path in [p for p in claims if p in there]:
            scale = subject.leaves[path].scale.reshape(claims[path].shape)
            along = scale * rng.choice([-1.0, 1.0], claims[path].shape)
            line = subject.direction({path: along})
            claimed = float(np.sum(along * claims[path]))
            slopes = [(line(h)[1] - line(-h)[1]) / (2 * h) for h in (1e-4, 1e-5, 1e-6)]
            if any(abs(slope - claimed) <= 1e-4 * float(np.sum(np.abs(along * claims[path]))) for slope in slopes):
                right[path] = claims[path]
    return right


def visit(
    subject: Subject,
    given: Mapping[str, Array],
    count: int,
    seed: int,
    benches: Mapping[str, Bench],
) -> Iterator[Finding]:
    """Screen the gradient at some neighbours of the given point."""
    rng = np.random.default_rng(seed)
    for number in range(1, count + 1):
        flip = number % 2 == 0  # every other neighbour has inputs of both signs
        with _somewhere_near(subject, rng, flip=flip) as claims:
            if all(np.array_equal(given[path], claim) for path, claim in claims.items()):
                continue  # numbers that were computed beforehand: they speak of the given point alone
            for path in [p for p in claims if p in benches]:
                yield _screened(benches[path], claims[path], number)


@contextmanager
def _somewhere_near(subject: Subject, rng: np.random.Generator, *, flip: bool) -> Iterator[dict[str, Array]]:
    """Stand at a random point near the given one where everything is finite; yields no claims if there is none."""
    for attempt in range(TRIES):
        with subject.at(_moves(subject, rng, NEAR / 2**attempt, flip=flip and attempt < TRIES // 2)):
            claims = _finite_claims(subject)
            if claims:
                yield claims
                return
    yield {}


def _moves(subject: Subject, rng: np.random.Generator, near: float, *, flip: bool) -> Iterator[tuple[str, Array]]:
    """Draw the moves one by one, since each is as large as its tensor."""
    for path, leaf in subject.leaves.items():
        move = near * leaf.scale.reshape(leaf.array.shape) * rng.standard_normal(leaf.array.shape)
        if flip and leaf.kind == "input":
            move = move - 2 * leaf.original * (rng.random(leaf.array.shape) < 0.5)
        yield path, leaf.rounded(move)


def _finite_claims(subject: Subject) -> dict[str, Array]:
    try:
        with np.errstate(all="ignore"):
            subject.settle()
            if not np.isfinite(subject.base).all():
                return {}
            claims = subject.claims()
    except (CallError, InputError):
        return {}  # outside the domain of the function
    return claims if all(np.isfinite(c).all() for c in claims.values()) else {}


def _screened(here: Bench, claim: Array, number: int) -> Finding:
    """Screen one tensor where the subject stands now, with the noise that was measured at the given point."""
    flat = claim.astype(np.float64, copy=False).ravel()
    columns = Columns.of(flat)
    standard = replace(here.standard, largest=float(np.abs(flat).max()))
    bench = Bench(here.subject, here.leaf, columns, standard, here.rng, sigma=here.sigma)
    wrong = np.zeros(0, dtype=np.int64)
    fine, _ = directions.agrees(bench, None, directions=1)
    if not fine:
        measured = directions.locate(bench)
        # Where f stands still it was clipped: nearby is outside of what the claim was written for.
        moves = (columns.lefts[measured] != 0) | (columns.rights[measured] != 0)
        wrong = measured[(columns.codes[measured] == Verdict.WRONG) & moves]
    return Finding(here.path, f"neighbour {number}", columns.only(wrong), (flat != 0) & fine)


def merged(result: TensorResult, finding: Finding) -> TensorResult:
    """Add to the result at the given point what a neighbour showed: wrong entries, and entries it exercised."""
    codes = result.codes.copy()
    seen = finding.exercised[result.flat] & (codes == Verdict.UNTESTED)
    codes[seen] = Verdict.CORRECT
    places = {int(flat): f"{finding.where} (zero at the given point)" for flat in result.flat[seen]}
    result = replace(result, codes=codes, places={**result.places, **places})
    known = result.flat[codes == Verdict.WRONG]
    news = finding.columns.only(np.flatnonzero(~np.isin(finding.columns.flat, known)))
    if not len(news.flat):
        return result
    kept = ~np.isin(result.flat, news.flat)
    joined: dict[str, Any] = {
        field: np.concatenate([getattr(result, field)[kept], getattr(news, field)])
        for field in ("flat", "claims", "estimates", "uncertainties", "lefts", "rights", "codes")
    }
    places = {int(flat): finding.where for flat in news.flat}
    return replace(result, rungs={**result.rungs, **news.rungs}, places={**result.places, **places}, **joined)
