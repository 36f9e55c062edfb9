"""Is a claim that is the same everywhere meant for the given point only, or for every point?

A constant claim that is wrong nearby may be right at the given point by chance, if the point is special (zeros, equal
numbers) or the constant is (all ones); then it is wrong. It is wrong, too, where the gradient function takes the point
from outside instead of its argument. Otherwise it was computed for the given point, or is a choice made there, as at a
kink: there it is right, and a note says that it is not right elsewhere. Zeros that are returned everywhere are no
choice, unless they are an array that was kept: that is a gradient which is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType

import numpy as np

from gradcheck._entries.under_test import UnderTest
from gradcheck._model.oracle import Array
from gradcheck._model.subject import Subject
from gradcheck._results.verdict import Verdict

OPEN = {Verdict.KINK, Verdict.UNDECIDED, Verdict.BROKEN}

BEFOREHAND = (
    "the claim is the same at every point, and wrong nearby, like numbers computed beforehand: it was judged at the "
    "given point alone; pass a function that computes it at the point it is given"
)
UNCHANGING = (
    "the claim does not change when the point moves, and the slope does; if it was computed beforehand, pass a "
    "function that computes it at the point it is given, or write neighbours=0"
)
OUTSIDE = (
    "the claim does not change when the point moves, and the slope does: the gradient function uses {} from "
    "outside instead of its argument"
)


@dataclass(frozen=True)
class ConstantClaims:
    """Which constant claims are wrong, and what is to be said of them all."""

    wrong: frozenset[str]
    note: str


def constant(given: Mapping[str, Array], claims: Mapping[str, Array]) -> bool:
    """Return whether all that is claimed elsewhere is what is claimed at the given point, to the last bit."""
    return bool(claims) and all(np.array_equal(given[path], claim) for path, claim in claims.items())


def judged(off: list[UnderTest], verdicts: Mapping[str, frozenset[Verdict]]) -> ConstantClaims:
    """Judge constant claims that disagree at a neighbour, by what they are at the given point."""
    meant = [tested for tested in off if not _chosen(tested, verdicts[tested.path])]
    outside = _outside(meant[0].subject) if meant else ""
    if outside:
        return ConstantClaims(frozenset(tested.path for tested in meant), OUTSIDE.format(outside))
    by_chance = frozenset(tested.path for tested in meant if _special(tested))
    if len(by_chance) < len(meant):  # the others were computed for this point, and so these
        by_chance = frozenset()
    return ConstantClaims(by_chance, UNCHANGING if by_chance else BEFOREHAND)


def _chosen(tested: UnderTest, verdicts: frozenset[Verdict]) -> bool:
    """Whether a claim was a choice at the given point: at a kink; one of all zeros, if it was kept outside."""
    if tested.columns.claims.any():
        return bool(verdicts & OPEN)
    return bool(verdicts & (OPEN - {Verdict.KINK})) or _kept(tested)


def _special(tested: UnderTest) -> bool:
    """Whether a constant may be right by chance: it is a simple one, or the point is."""
    numbers, claims = tested.leaf.original, tested.columns.claims
    if numbers.size == 1:
        return not claims.any() or bool(np.isin(np.abs(numbers), (0.0, 1.0)).all())
    return not np.ptp(claims) or not numbers.all() or not np.ptp(numbers)


def _kept(tested: UnderTest) -> bool:
    """Whether the user's gradient function, or method, sees an array of the very claims, computed beforehand."""
    return any(
        isinstance(seen, np.ndarray) and np.array_equal(np.ravel(seen), tested.columns.claims)
        for thing in tested.subject.oracle.reach[1:2]
        for _, seen in _seen(getattr(thing, "__func__", thing))
    )


def _outside(subject: Subject) -> str:
    """Return the name under which the user's gradient function, or method, sees an array of the given point."""
    given = [leaf.original for leaf in subject.leaves.values() if leaf.original.size > 1]
    for thing in subject.oracle.reach[1:2]:
        for name, seen in _seen(getattr(thing, "__func__", thing)):
            if isinstance(seen, np.ndarray) and any(np.array_equal(seen, numbers) for numbers in given):
                return name
    return ""


def _seen(function: object) -> Iterator[tuple[str, object]]:
    """Yield what a function sees of its closure, and the globals that it names."""
    if not isinstance(function, FunctionType):
        return
    code = function.__code__
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:  # not yet filled
            continue
    yield from ((name, function.__globals__[name]) for name in code.co_names if name in function.__globals__)
