"""Do all tensors agree along a few directions through all of them at once? Only what does not is measured further.

Along such a direction an error in a single entry shows in full, as `directions` has it. A tensor that moves f too
little beside others gets directions of its own, and where those tell nothing, as at a kink, its entries are measured.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gradcheck._entries import directions
from gradcheck._entries.directions import CLAIM_NOISE, FARTHEST, Slope
from gradcheck._entries.look import SHARP
from gradcheck._entries.one_by_one import measure
from gradcheck._entries.under_test import Ints, UnderTest
from gradcheck._judge.tolerance import Standard
from gradcheck._measure import derivative
from gradcheck._measure.noise import noise_of
from gradcheck._measure.step import Ladder
from gradcheck._model.oracle import Array
from gradcheck._model.subject import DIRECTION_FINEST, Subject
from gradcheck._results.floating import DOUBLE
from gradcheck._results.verdict import Verdict

Floats = NDArray[np.float64]

DIRECTIONS = 2  # through all tensors: one may meet a kink
OWN = 2  # of a tensor by itself
FIRST, LAST = 4, 7  # rungs of a short ladder: steps of 1e-3 to 1.5e-5 of each entry
KNOWN = 1e-3  # of a tensor's largest claim: an error in a single entry that must show
ALLOWED = 3.0  # standard deviations of what a caller allows in each of many entries, as it adds up along a direction
MEANS = f"{DIRECTIONS} random directions through all tensors"


def seen(
    subject: Subject, claims: Mapping[str, Array], held: Mapping[str, Standard], rng: np.random.Generator
) -> dict[str, float]:
    """Return the tensors that agree, each with the smallest error that would have been seen in an entry of it."""
    finite = all(np.isfinite(claims[path]).all() for path in subject.chosen)
    if not finite or set(subject.chosen) != set(claims):
        return {}
    slopes = [_along(subject, claims, held, rng) for _ in range(DIRECTIONS)]
    if any(slope.disagrees for slope in slopes):
        return {}
    limit = min((slope.limit for slope in slopes if slope.known), default=math.inf)
    return {path: limit / float(np.median(subject.leaves[path].scale)) for path in subject.chosen}


def sharp(error: float, standard: Standard) -> bool:
    """Whether an error that would have been seen in a tensor is small enough to say that it is right."""
    return error <= KNOWN * standard.largest


def by_itself(tested: UnderTest) -> tuple[Ints, float]:
    """Look along directions through one tensor; return the entries that were measured, and what would have been seen.

    They are those that were found as what is wrong was located, or all where directions tell nothing.
    """
    fine, error = directions.agrees(tested, None, OWN)
    if fine and sharp(error, tested.standard):
        return np.zeros(0, dtype=np.int64), error
    located = np.zeros(0, dtype=np.int64) if fine else directions.locate(tested)
    if (tested.columns.codes[located] == Verdict.WRONG).any():
        return located, 0.0
    moved = tested.leaf.moved
    measure(tested, moved, tested.subject)
    return moved, 0.0


def _along(
    subject: Subject, claims: Mapping[str, Array], held: Mapping[str, Standard], rng: np.random.Generator
) -> Slope:
    """Measure the slope along random coefficients of all entries: from 1 to 2, up or down."""
    moves, claimed, squares, largest, slack = {}, 0.0, 0.0, 0.0, 0.0
    for path, claim in claims.items():
        leaf = subject.leaves[path]
        drawn = rng.uniform(-1.0, 1.0, claim.shape)
        move = (drawn + np.copysign(1.0, drawn)) * np.minimum(leaf.spread, FARTHEST).reshape(claim.shape)
        if leaf.held is not None:
            move[leaf.held] = 0.0
        moves[path] = move
        parts = claim * move
        rounding, allowed = held[path].rounding, held[path].slack
        claimed += float(np.sum(parts))
        squares += float(np.sum(np.square(rounding * parts)))
        largest = max(largest, rounding * float(np.abs(parts).max()))
        slack += float(np.sum(np.square(allowed.atol * move) + np.square(allowed.rtol * parts)))
    line = subject.direction(moves)
    slack = CLAIM_NOISE * (math.sqrt(squares) + largest) + ALLOWED * math.sqrt(slack)
    finest = DIRECTION_FINEST * max(subject.leaves[path].eps for path in claims)
    ladder = Ladder(line, 1.0, subject.rounding(), relative=DOUBLE, finest=finest)
    short = Slope(claimed, derivative.summarise(ladder.climb(FIRST, LAST), ladder.sigma), slack)
    if short.known and not short.disagrees and short.estimate.uncertainty <= SHARP * abs(claimed):
        return short
    noisy = ladder.with_noise(noise_of(line, 1.0, ladder.sigma, finest))
    return replace(short, estimate=derivative.estimate(noisy))
