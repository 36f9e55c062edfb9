"""Whom does a claim speak of that is the same everywhere: of the given point alone, of a piece of f, or of all of it?

A constant that is wrong nearby is right at the given point by chance, where that is a special one (zeros, equal numbers)
or the constant is (all ones): then it is wrong. A claim at a kink is a choice for that point, and one that is right all
around it, up to a kink further away, is right about its piece of f. What is left was computed for the given point: with
numbers that were put there beforehand, if it is the very same array at every call, else in place of the numbers that
the gradient function was given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from gradcheck._entries import directions
from gradcheck._entries.under_test import UnderTest
from gradcheck._model import trees
from gradcheck._model.oracle import Array
from gradcheck._model.subject import Subject
from gradcheck._results.verdict import Verdict

CLOSE = 2.0**-13  # of the scale of each entry: a kink is hardly ever so near
OPEN = {Verdict.KINK, Verdict.UNDECIDED, Verdict.BROKEN}

KEPT = (
    "the gradient function returns one and the same array wherever it is asked; it was taken for numbers computed "
    "beforehand, which speak of the given point alone, and judged there; hand in a function that computes them"
)
PIECE = (
    "the claim does not change when the point moves; it is right at the given point, and wrong nearby, where it was not "
    "judged: f has several pieces, or the claim is a choice for the given point"
)
CONSTANT = (
    "the claim does not change when the point moves, and the slope does; if it was computed beforehand, hand in a "
    "function that computes it where it is asked, or write neighbours=0"
)


@dataclass(frozen=True)
class Heard:
    """Which constant claims are wrong, and what is to be said of them all."""

    wrong: frozenset[str]
    note: str
    over: bool = False  # whether they speak of the given point alone


def constant(given: Mapping[str, Array], claims: Mapping[str, Array]) -> bool:
    """Return whether all that is claimed elsewhere is what is claimed at the given point, to the last bit."""
    return bool(claims) and all(np.array_equal(given[path], claim) for path, claim in claims.items())


def heard(off: list[UnderTest], verdicts: Mapping[str, frozenset[Verdict]]) -> Heard:
    """Judge constant claims that disagree at a neighbour, by what they are at the given point."""
    meant = [tested for tested in off if not _chosen(tested, verdicts[tested.path])]
    by_chance = [tested.path for tested in meant if _special(tested)]
    computed = [tested for tested in meant if not _special(tested) and not _right_around(tested)]
    if computed and _same_arrays(computed[0].subject):
        return Heard(frozenset(), KEPT, over=True)
    wrong = frozenset(by_chance) | {tested.path for tested in computed}
    return Heard(wrong, CONSTANT if wrong else PIECE)


def _chosen(tested: UnderTest, verdicts: frozenset[Verdict]) -> bool:
    """Whether a claim was a choice at the given point: at a kink, or zero where f moves."""
    return bool(verdicts & OPEN) or (not tested.columns.claims.any() and Verdict.CORRECT in verdicts)


def _special(tested: UnderTest) -> bool:
    """Whether a constant may be right by chance: it is a simple one, or the point is."""
    numbers, claims = tested.leaf.original, tested.columns.claims
    if numbers.size == 1:
        return bool(numbers == np.round(numbers))
    return not np.ptp(claims) or not numbers.all() or not np.ptp(numbers)


def _right_around(tested: UnderTest) -> bool:
    """Whether a claim agrees very close to the given point, as that of a function of straight pieces does."""
    rng = np.random.default_rng(0)
    with tested.subject.at(_back(tested.subject, rng)) as there:
        claims, standard = tested.columns.claims, tested.standard
        again = UnderTest.of(there.settled(), tested.path, claims, standard, rng, sigma=tested.sigma)
        return directions.agrees(again, None, directions=1)[0]


def _back(there: Subject, rng: np.random.Generator) -> Iterator[tuple[str, Array]]:
    """Yield the moves from where a subject stands to very close to the given point."""
    for path, leaf in there.leaves.items():
        beside = CLOSE * leaf.scale.reshape(leaf.array.shape) * rng.standard_normal(leaf.array.shape)
        yield path, leaf.rounded(leaf.original - leaf.array + beside)


def _same_arrays(there: Subject) -> bool:
    """Whether two calls return the very same arrays."""
    once, again = ([leaf for _, leaf in trees.leaves(there.gradient())] for _ in range(2))
    pairs = [*zip(once, again, strict=False)]
    return any(isinstance(a, np.ndarray) and a is b for a, b in pairs) and all(a is b for a, b in pairs)
