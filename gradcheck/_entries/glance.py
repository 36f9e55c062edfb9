"""Do several tensors agree with their claims, all at once? Four evaluations along one direction through them tell.

Nothing is called wrong on that: where they do not agree, or it is unclear, each is looked at by itself. A tensor that
changes f by more than others is moved by less, so that its slope does not hide theirs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._entries.look import SHARP
from gradcheck._entries.under_test import Floats, Ints, UnderTest
from gradcheck._measure.extrapolate import RATIO, Numbers, extrapolated_once
from gradcheck._measure.line import Line, phi_at
from gradcheck._measure.slopes import OF_PHI
from gradcheck._model.leaf import VAST, Draw, Stored
from gradcheck._results.estimate import DEVIATIONS, Estimate
from gradcheck._results.floating import DOUBLE

CLAIM_NOISE = 64.0  # units in the last place of a claimed slope, times the square root of the number of entries
STEP = 2.0**-12  # the larger one, of the scale: fine enough that few kinks lie within
HALVED = 8  # tensors that are looked at in halves where all at once do not agree; fewer are looked at one by one
CLOSES = 1 / 2  # of the gap between the sides of a larger step: more is left of it than a smooth function leaves
BAND = 6  # binary orders of how much tensors move f, within which they are looked at together
LARGEST = 2.0  # size of a coefficient of a direction
FARTHEST = float(np.finfo(np.float64).max) / LARGEST  # the largest move that stays finite with such a coefficient


def coefficients(rng: np.random.Generator, count: int) -> Floats:
    """Draw coefficients between 1 and 2, up or down."""
    drawn = rng.uniform(-1.0, 1.0, count)
    drawn += np.copysign(1.0, drawn)
    return drawn


def at_random(rng: np.random.Generator) -> Draw:
    """Return what draws such coefficients for one block of entries after the other."""
    return lambda block: coefficients(rng, block.stop - block.start)


def bands(tensors: Sequence[UnderTest]) -> Iterator[list[UnderTest]]:
    """Yield tensors that may be looked at together: they move f by alike, and are not too many numbers."""
    if len(tensors) == 1:
        yield [*tensors]
    elif sum(len(tested.columns.claims) for tested in tensors) > VAST:  # as many moves are kept
        yield from ([tested] for tested in tensors)
    else:
        yield from alike(tensors, influence)


def alike(tensors: Iterable[UnderTest], moves: Callable[[UnderTest], float]) -> Iterator[list[UnderTest]]:
    """Yield tensors that move f by alike, so that none hides another's slope."""

    def order(tested: UnderTest) -> int:
        return math.frexp(moves(tested))[1] // BAND

    for _, band in groupby(sorted(tensors, key=order), order):
        yield list(band)


def influence(tested: UnderTest) -> float:
    """Return how much a tensor is claimed to move f, if its entries go as far as they are large."""
    claims, total = tested.columns.claims, 0.0
    with np.errstate(over="ignore"):  # near the largest number
        for block in tested.leaf.blocks():
            parts = claims[block] * tested.spread(block)
            total += float(parts.dot(parts))
    return math.sqrt(total)


@dataclass(frozen=True)
class Along:
    """A move of all entries of a tensor, the slope along it as claimed, and how large its parts are."""

    move: Stored
    claimed: float
    length: float  # of the parts of the slope, as of a vector
    largest: float  # of them


def through(tested: UnderTest, claims: Floats, draw: Draw, weight: float = 1.0) -> Along:
    """Return a move of all entries by coefficients that are drawn; block by block, as each is as large as a tensor.

    Entries whose claim is not finite stay where they are: they are measured by themselves.
    """
    claimed, square, largest = 0.0, 0.0, 0.0
    move = tested.leaf.nowhere()
    with np.errstate(over="ignore", invalid="ignore"):  # near the largest number nothing is known of a direction
        for block in tested.leaf.blocks():
            move[block] = draw(block) * weight * np.minimum(tested.spread(block), FARTHEST)
            parts = _parts(claims[block], move, block)
            claimed, square = claimed + float(parts.sum()), square + float(parts.dot(parts))
            largest = max(largest, float(np.abs(parts).max()))
    return Along(tested.leaf.shaped(move), claimed, math.sqrt(square), largest)


def through_some(tested: UnderTest, claims: Floats, members: Ints, drawn: Floats) -> Along:
    """Return the same of some entries, which are moved by coefficients given."""
    flat, move = tested.columns.flat[members], np.zeros(tested.leaf.array.size)
    move[flat] = drawn * np.minimum(tested.spread(flat), FARTHEST)
    with np.errstate(over="ignore", invalid="ignore"):
        parts = _parts(claims[members], move, flat)
        claimed, length = float(parts.sum()), math.sqrt(float(parts.dot(parts)))
    return Along(move.reshape(tested.leaf.array.shape), claimed, length, float(np.abs(parts).max()))


def _parts(claims: Floats, move: Stored, which: Any) -> Floats:  # noqa: ANN401  what NumPy takes entries by
    """Return the parts of a slope; those that are not finite are none, and their entries are not moved."""
    finite = np.isfinite(claims)
    if not finite.all():
        move[which] *= finite
        claims = np.where(finite, claims, 0.0)
    return np.asarray(claims * move[which])


def agreeing(band: Sequence[UnderTest], looks: int = 1) -> dict[str, float]:
    """Return which tensors agree with their claims along so many directions, and what could hide in each.

    Where not all do, each half is looked at by itself, so that a few that disagree cost little among many.
    """
    seen = list[list[float]]()
    while len(seen) < looks and (once := seen_at_once(band)) is not None:
        seen.append(once)
    if len(seen) == looks:
        return {tested.path: min(each) for tested, each in zip(band, zip(*seen, strict=True), strict=True)}
    half = len(band) // 2
    return {} if len(band) < HALVED else agreeing(band[:half], looks) | agreeing(band[half:], looks)


def seen_at_once(band: Sequence[UnderTest]) -> list[float] | None:
    """Return the largest error that could hide in a typical entry of each tensor, if all agree with their claims.

    None where they do not, or where that cannot be told.
    """
    moved = [influence(tested) for tested in band]
    if not (all(moved) and all(map(math.isfinite, moved))) or any(tested.subject.coarse for tested in band):
        return None
    weights = [min(moved) / size for size in moved]
    claimed, size, slack, moves = 0.0, 0.0, 0.0, {}
    for tested, weight in zip(band, weights, strict=True):
        one = through(tested, tested.columns.claims, at_random(tested.rng), weight)
        claimed, size = claimed + one.claimed, size + one.length
        slack += CLAIM_NOISE * tested.standard.rounding * one.length
        moves[tested.path] = one.move
    slope = slope_along(band[0].subject.direction(moves), max(tested.sigma for tested in band))
    least = slope.uncertainty + slack
    if slope.kink or not (slope.uncertainty <= SHARP * size and abs(claimed - slope.value) <= least):
        return None
    return [least / (w * t.leaf.typical) for t, w in zip(band, weights, strict=True)]


def slope_along(line: Line, sigma: float, step: float = STEP) -> Estimate:
    """Return the slope of a line by two central differences, and what that leaves unknown; nan outside of its domain.

    Extrapolated once (Richardson): as much is unknown as it puts the finer one off, twice, and what noise makes of it.
    A gap between the sides that does not close with the steps is a kink.
    """
    finer = step / RATIO
    (_, right), (_, left), (_, up), (_, down) = phi_at(line, (step, -step, finer, -finer))
    noise = DEVIATIONS * max(sigma, DOUBLE * OF_PHI * max(abs(up), abs(down))) / finer
    fine, unknown, kink = by_two_steps((right, left, up, down), step, noise)
    return Estimate(fine, unknown, -down / finer, up / finer, kink=bool(kink), scale=abs(right - left) / (2 * step))


def by_two_steps(
    rises: tuple[Numbers, Numbers, Numbers, Numbers], step: float, noise: Numbers
) -> tuple[Numbers, Numbers, bool | NDArray[np.bool_]]:
    """Return the slope by two steps, what is unknown of it, and whether a gap between its sides does not close.

    `rises` are what f rises by to the right and the left of a step, and of one that is finer by `RATIO`; `noise` is
    that of the finer one's slope.
    """
    right, left, up, down = rises
    slope, correction = extrapolated_once(right - left, up - down, step)
    kink = abs(up + down) / (step / RATIO) > CLOSES * abs(right + left) / step + 2 * noise
    return slope, 2 * abs(correction) + noise, kink
