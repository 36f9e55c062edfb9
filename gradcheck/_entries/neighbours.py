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
from gradcheck._entries.table import Columns
from gradcheck._entries.under_test import UnderTest
from gradcheck._judge.tolerance import Standard
from gradcheck._model.oracle import Array
from gradcheck._model.subject import Subject
from gradcheck._results.errors import CallError, InputError
from gradcheck._results.report import TensorResult
from gradcheck._results.verdict import Verdict

Floats = NDArray[np.float64]

NEAR = 0.2  # the standard deviation of the move, relative to the scale of each entry
STEPS = (1e-4, 1e-5, 1e-6)  # of a direction as long as the tensor's entries are large
AGREES = 1e-4  # relative to the terms of a slope: what is claimed there is right
FLIPPED = 0.5  # of the inputs change their sign at every other neighbour
REMEMBERED = 1_000_000  # entries
TRIES = 4  # each with half the move of the one before: the domain of the function may be narrow


@dataclass(frozen=True)
class Known:
    """What the measurement at the given point says of one tensor, for others nearby."""

    standard: Standard
    sigma: float  # standard deviation of the noise of f


@dataclass(frozen=True)
class Nearby:
    """What a neighbour says of one tensor: wrong entries located there, or which entries it exercised."""

    path: str
    where: str
    columns: Columns
    exercised: NDArray[np.bool_]  # flat: whether the claim there is nonzero and agrees


def call_elsewhere(subject: Subject, seed: int) -> dict[str, Array]:
    """Call function and gradient at a neighbour first: one that keeps what it computed first is then found out.

    Returns what was claimed there, nothing if no neighbour is in the domain, or if that is much to remember.
    """
    with _somewhere_near(subject, np.random.default_rng(seed), flip=False) as (_, claims):
        few = sum(claim.size for claim in claims.values()) <= REMEMBERED
        return {path: claim.copy() for path, claim in claims.items()} if few else {}


def right_elsewhere(subject: Subject, seed: int, claims: Mapping[str, Array]) -> dict[str, Array]:
    """Return those of the claims of `call_elsewhere` that are right there, along one random direction each."""
    rng = np.random.default_rng(seed + 1)
    right = {}
    with _somewhere_near(subject, np.random.default_rng(seed), flip=False) as (there, claimed_there):
        for path in [p for p in claims if p in claimed_there]:
            scale = subject.leaves[path].scale.reshape(claims[path].shape)
            along = scale * rng.choice([-1.0, 1.0], claims[path].shape)
            line = there.direction({path: along})
            claimed = float(np.sum(along * claims[path]))
            slopes = [(line(h)[1] - line(-h)[1]) / (2 * h) for h in STEPS]
            if any(abs(slope - claimed) <= AGREES * float(np.sum(np.abs(along * claims[path]))) for slope in slopes):
                right[path] = claims[path]
    return right


def visit(
    subject: Subject,
    given: Mapping[str, Array],
    count: int,
    rng: np.random.Generator,
    known: Mapping[str, Known],
    *,
    seed: int,
) -> Iterator[Nearby]:
    """Screen the gradient at some neighbours of the given point; `seed` draws them, and `rng` the directions there."""
    places = np.random.default_rng(seed)
    for number in range(1, count + 1):
        flip = number % 2 == 0  # every other neighbour has inputs of both signs
        with _somewhere_near(subject, places, flip=flip) as (there, claims):
            if all(np.array_equal(given[path], claim) for path, claim in claims.items()):
                continue  # numbers that were computed beforehand: they speak of the given point alone
            for path in [p for p in claims if p in known]:
                flat = claims[path].astype(np.float64, copy=False).ravel()
                standard = replace(known[path].standard, largest=float(np.abs(flat).max()))
                tested = UnderTest.of(there, path, flat, standard, rng, sigma=known[path].sigma)
                yield _screened(tested, f"neighbour {number}")


@contextmanager
def _somewhere_near(
    subject: Subject, rng: np.random.Generator, *, flip: bool
) -> Iterator[tuple[Subject, dict[str, Array]]]:
    """Stand at a random point near the given one where everything is finite; yields no claims if there is none."""
    for attempt in range(TRIES):
        with subject.at(_moves(subject, rng, NEAR / 2**attempt, flip=flip and attempt < TRIES // 2)) as there:
            settled, claims = _finite_claims(there)
            if claims:
                yield settled, claims
                return
    yield subject, {}


def _moves(subject: Subject, rng: np.random.Generator, near: float, *, flip: bool) -> Iterator[tuple[str, Array]]:
    """Draw the moves one by one, since each is as large as its tensor."""
    for path, leaf in subject.leaves.items():
        move = near * leaf.scale.reshape(leaf.array.shape) * rng.standard_normal(leaf.array.shape)
        if flip and leaf.kind == "input":
            with np.errstate(invalid="ignore"):  # of entries that are not finite, and stay where they are
                move = move - 2 * leaf.original * (rng.random(leaf.array.shape) < FLIPPED)
        yield path, leaf.rounded(move)


def _finite_claims(subject: Subject) -> tuple[Subject, dict[str, Array]]:
    try:
        with np.errstate(all="ignore"):
            subject = subject.settled()
            if not np.isfinite(subject.base).all():
                return subject, {}
            claims = subject.claims()
    except (CallError, InputError):
        return subject, {}  # outside the domain of the function
    return subject, claims if all(np.isfinite(c).all() for c in claims.values()) else {}


def _screened(tested: UnderTest, where: str) -> Nearby:
    """Screen one tensor where its subject stands, with the noise that was measured at the given point."""
    columns = tested.columns
    wrong = np.zeros(0, dtype=np.int64)
    fine, _ = directions.agrees(tested, None, directions=1)
    if not fine:
        measured = directions.locate(tested)
        # Where f stands still it was clipped: nearby is outside of what the claim was written for.
        moves = (columns.lefts[measured] != 0) | (columns.rights[measured] != 0)
        wrong = measured[(columns.codes[measured] == Verdict.WRONG) & moves]
    return Nearby(tested.path, where, columns.only(wrong), (columns.claims != 0) & fine)


def merged(result: TensorResult, finding: Nearby) -> TensorResult:
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
