"""Does the value depend on the call before? A solver, say, may start from its last result.

Equal calls may still agree, once a solver has found what it is asked for; so the same point is reached from two others,
in turn. If the value differs by the previous point, the function remembers it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gradcheck._model.subject import Subject
from gradcheck._protocol import own_state
from gradcheck._results.report import TensorResult
from gradcheck._results.verdict import Verdict

ROUNDS = 6  # of both ways to the point: noise keeps 6 values apart from 6 others once in 462 times
WAYS_BACK = (1e-1, -3e-2)  # of the scale, to where it comes from; equal distances might leave equal memories
SHOWS = 4.0  # roundings of f, below which two values are one
OPEN = (Verdict.UNDECIDED, Verdict.BROKEN, Verdict.WRONG)  # verdicts of which a memory may be the reason
REMEMBERS = (
    "the value depends on the call before, even at the same point{}; {} is kept between calls, such as a warm start; "
    "start each call from the same place"
)


def told(subject: Subject, results: Mapping[str, TensorResult]) -> None:
    """Say so where the value depends on the call before, and something was not found right."""
    names = tuple(result.name for result in results.values() if result.verdict in OPEN)
    if names and remembers(subject):
        subject.tally.named += names
        subject.say(remembered("", own_state.kept_in(subject, lambda: np.atleast_1d(subject.settled().base))))


def remembered(seen: str, kept: str) -> str:
    """Say that a function remembers: what was seen of it, and where it keeps that, if it is known."""
    return REMEMBERS.format(f": {seen}" if seen else "", kept or "something")


def remembers(subject: Subject) -> bool:
    """Whether the value at the point tells from which of two places the function came."""
    after: tuple[list[float], list[float]] = ([], [])
    least = SHOWS * subject.rounding()
    for _ in range(ROUNDS):
        for values, way in zip(after, WAYS_BACK, strict=True):
            values.append(_coming_from(subject, way))
        if not _apart(*after, least):
            return False
    return True


def _coming_from(subject: Subject, way: float) -> float:
    """Return the value at the point, as an increment, after a call at a place some way from it."""
    moves = [(path, way * leaf.scale.reshape(leaf.array.shape)) for path, leaf in subject.leaves.items()]
    with subject.at(moves) as there:
        there.increment()
    return subject.increment()


def _apart(far: list[float], near: list[float], least: float) -> bool:
    """Return whether all values of one kind lie above all of the other, by more than rounding."""
    gap = max(min(far) - max(near), min(near) - max(far))
    return bool(np.isfinite(gap)) and gap > least
