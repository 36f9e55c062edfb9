"""Where is a neighbour of the given point, and what is claimed there? At a random move, in the domain of f.

Zero-initialised layers, dead units and all-positive inputs leave parts of a backward unexercised at the given point;
at random points close by nothing is exactly zero, and inputs take both signs. Where a tensor lies in a set (symmetric
matrices, unit vectors, numbers of one sign) its neighbours do too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gradcheck._entries.glance import slope_along
from gradcheck._entries.structure import EVERYWHERE, Domain, Structure, domain_of, found
from gradcheck._model.ending import ends
from gradcheck._model.leaf import VAST, Leaf, Stored
from gradcheck._model.oracle import Array
from gradcheck._model.patience import EndlessError, may_be_endless
from gradcheck._model.subject import Subject
from gradcheck._results.errors import CallError, HereAloneError, InputError, RuleError
from gradcheck._results.floating import all_finite

NEAR = 0.2  # the standard deviation of the move, relative to the scale of each entry
GONE = 1e-2  # share of the error at the given point: with so little at another point, the claim is right there
FLIPPED = 0.5  # of the numbers of an input change their sign at every other neighbour
LONGEST = 200  # characters of what the function raised
TRIES = 4  # each with half the move of the one before: the domain of the function may be narrow

Floats = NDArray[np.float64]
Sets = Mapping[str, Structure]


@dataclass(frozen=True)
class Place:
    """Where a subject stands, and what is claimed there: nothing where no neighbour is in the domain, and why."""

    subject: Subject
    claims: dict[str, Array] = field(default_factory=dict)
    why: str = ""
    endless: bool = False  # whether it had to be broken off


def call_elsewhere(subject: Subject, seed: int) -> dict[str, Array]:
    """Call function and gradient at a neighbour first, to detect one that keeps its first result.

    Returns what was claimed there, nothing if no neighbour is in the domain, or if that is much to remember.
    """
    with somewhere_near(subject, np.random.default_rng(seed), sets=sets_of(subject)) as place:
        few = sum(claim.size for claim in place.claims.values()) <= VAST
        return {path: claim.copy() for path, claim in place.claims.items()} if few else {}


def right_elsewhere(
    subject: Subject, seed: int, claims: Mapping[str, Array], missing: Mapping[str, Floats]
) -> dict[str, Array]:
    """Return those of the claims of `call_elsewhere` that are right there, along one direction each.

    `missing` is what they lack at the given point: in its direction it would show there as well, if it were so there.
    """
    right = {}
    with somewhere_near(subject, np.random.default_rng(seed), sets=sets_of(subject)) as place:
        for path in [p for p in claims if p in place.claims]:
            scale = subject.leaves[path].spread.reshape(claims[path].shape)
            along = scale * np.sign(missing[path])
            lacking = float(np.sum(np.abs(along * missing[path])))
            line = place.subject.direction({path: along})
            claimed = float(np.sum(along * claims[path]))
            slope = slope_along(line, place.subject.rounding()).value
            if abs(slope - claimed) <= GONE * lacking:
                right[path] = claims[path]
    return right


def sets_of(subject: Subject, claims: Mapping[str, Array] | None = None) -> dict[str, Structure]:
    """Return the sets that tensors lie in; an unknown claim is assumed to respect its tensor's set."""
    sets = {}
    for path, leaf in subject.leaves.items():
        numbers = leaf.original.astype(np.float64, copy=False)
        claim = claims.get(path, leaf.original) if claims else leaf.original
        structure = found(numbers, claim.astype(np.float64, copy=False))
        if structure is not None:
            sets[path] = structure
    return sets


@contextmanager
def somewhere_near(
    subject: Subject, rng: np.random.Generator, *, sets: Sets, flip: Collection[str] = ()
) -> Iterator[Place]:
    """Stand at a random point near the given one where everything is finite; yields no claims if there is none.

    The tensors `flip` take both signs there, if the function has a value then, and comes to an end.
    """
    place = Place(subject)
    for attempt in range(TRIES):
        flipped = flip if attempt < TRIES // 2 and not place.endless else ()
        moves = _moves(subject, rng, NEAR / 2**attempt, flip=flipped, sets=sets)
        with subject.at(moves) as there:
            place = _place(there)
            if place.claims:
                yield place
                return
    yield Place(subject, why=place.why)


def _moves(
    subject: Subject, rng: np.random.Generator, near: float, *, flip: Collection[str], sets: Sets
) -> Iterator[tuple[str, Stored]]:
    """Draw the moves one by one, since each is as large as its tensor."""
    for path, leaf in subject.leaves.items():
        flips = path in flip
        domain = EVERYWHERE if flips else domain_of(leaf.original)
        move = leaf.nowhere()
        with np.errstate(invalid="ignore"):  # of entries that are not finite, and stay where they are
            for block in leaf.blocks():
                move[block] = _drawn(leaf, block, rng, near, domain, flips=flips)
            move = leaf.shaped(move)
            yield path, leaf.as_move(move if path not in sets else _within(leaf, move, sets[path]))


def _drawn(leaf: Leaf, block: slice, rng: np.random.Generator, near: float, domain: Domain, *, flips: bool) -> Floats:
    """Draw a move of some entries, which stay in the domain of f."""
    numbers = leaf.numbers(block)
    move = near * leaf.reach_of(block) * rng.standard_normal(len(numbers))
    if flips:
        move = move - 2 * numbers * (rng.random(len(numbers)) < FLIPPED)
    wanted = numbers + move
    there = domain.keep(numbers, wanted)
    return move if there is wanted else there - numbers


def _within(leaf: Leaf, move: Stored, structure: Structure) -> Array:
    """Change a move so that a tensor stays in its set."""
    numbers, move = leaf.original.astype(np.float64, copy=False), leaf.whole(move)
    there = structure.stay(numbers, wanted := numbers + move)
    return move if there is wanted else there - numbers


@may_be_endless
def _place(subject: Subject) -> Place:
    """Call function and gradient at a subject's point, and say why it cannot serve as a neighbour if it cannot."""
    try:
        with np.errstate(all="ignore"):
            subject = subject.settled()
            if not np.isfinite(subject.base).all():
                return Place(subject, why="the function is not finite there")
            claims = subject.claims()
    except (CallError, InputError) as error:  # outside the domain of the function
        if ends(error):
            raise
        if not isinstance(error, (RuleError, HereAloneError)):  # the former is raised at the given point, and told of
            subject.tally.raised_by(error)
        why = str(error).strip().partition("\n")[0][:LONGEST]
        return Place(subject, why=why, endless=isinstance(error.__cause__, EndlessError))
    finite = all(map(all_finite, claims.values()))
    return Place(subject, claims) if finite else Place(subject, why="the gradient is not finite there")
