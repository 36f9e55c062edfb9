"""Does the same call give the same again, and leave its inputs alone?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array
from gradcheck._model.point import not_finite
from gradcheck._model.subject import FUNCTION, GRADIENT, Subject
from gradcheck._protocol import history
from gradcheck._protocol.rounding import alike, eps_of
from gradcheck._results.digits import told_apart
from gradcheck._results.errors import CallError, InputError, RuleError
from gradcheck._results.report import Problem
from gradcheck._results.verdict import Verdict

PINNED = "{} draws from {}, which was reset before each call: one draw is checked"
CALLS = 5  # further calls, in which an iteration that continues from its last result converges
# Of the move before, which a mean with momentum 0.9 makes so: noise does that five times in a row once in a thousand.
NEARS = 0.91
WARM = (
    "the value depends on the call before: {}, and closer each time, at the same point, like a solver that starts "
    "where the last call stopped (a warm start); start every call from the same place"
)


def settled(subject: Subject) -> tuple[Subject, Problem | None]:
    """Take the value at the point, twice; return the subject that counts from it, and what makes it useless."""
    subject.settled()
    drew = subject.pins.notice()
    here = subject.settled()
    if drew:
        who = "the function" if subject.pins.moved() else "the gradient function"
        here = replace(here, notes=(*subject.notes, PINNED.format(who, subject.pins.named)))
    first = np.atleast_1d(here.base)
    changed = _ill_treated(subject, FUNCTION)
    if changed is not None:
        return here, changed
    if not np.isfinite(first).all():
        if given := not_finite(subject.leaves.values()):
            msg = f"{given}: the function is not finite there"
            raise InputError(msg)
        what = "nan" if np.isnan(first).any() else "infinite"
        return here, broken(
            f"the function is {what} at the given point, so there is nothing to compare; choose another point"
        )
    again = here.settled()
    second = np.atleast_1d(again.base)
    if not alike(first, second, eps_of(first)):
        if not drew and _settles(again, [first, second]):
            return again, broken(WARM.format(told_apart(float(first.sum()), float(second.sum()), "first {}, then {}")))
        if not drew and history.remembers(again):
            seen = told_apart(float(first.sum()), float(second.sum()), ": first {}, then {}")
            return again, broken(history.REMEMBERS.format(seen))
        before, after = float(first.sum()), float(second.sum())
        if before == after:  # what changes comes out in the sum
            k = int(np.argmax(np.abs(first - second).ravel()))
            before, after = float(first.ravel()[k]), float(second.ravel()[k])
        return again, broken(
            f"the function changes from call to call: {told_apart(before, after, 'first {}, then {}')}, "
            + ("although the random generators it draws from were reset" if drew else "at the same point")
            + "; fix its seed, or pass the random numbers in as an argument",
        )
    return replace(again, jitter=float(np.abs(first - second).sum())), None


def _settles(subject: Subject, values: list[Array]) -> bool:
    """Whether the values of equal calls come closer and closer, as those of a solver that goes on where it stopped."""
    for _ in range(CALLS):
        subject = subject.settled()
        values = [*values, np.atleast_1d(subject.base)]
    moves = [float(np.abs(b - a).sum()) for a, b in pairwise(values)]
    return all(b <= NEARS * a for a, b in pairwise(moves))


def claims_twice(subject: Subject) -> tuple[dict[str, Array], list[Problem]]:
    """Compute the gradient twice; return it, and what broke the protocol."""
    try:
        first = subject.claims()
    except RuleError as error:
        return {}, [Problem(Verdict.WRONG, str(error), error.tensor)]
    changed = _ill_treated(subject, GRADIENT)
    if changed is not None:
        return first, [changed]
    try:
        second = subject.claims()
    except CallError as error:
        if ends(error):
            raise
        return first, [broken(f"the second call of the gradient function failed: {error}")]
    problems = [p for path in first for p in _repeated(subject.leaves[path].name, first[path], second[path])]
    return first, problems[:1]


def _repeated(name: str, first: Array, second: Array) -> Iterator[Problem]:
    if np.array_equal(first, second):
        return
    finite = np.isfinite(first) & np.isfinite(second)
    first, second = first[finite], second[finite]
    if alike(first, second, eps_of(first)):
        return
    doubled = alike(2 * first, second, eps_of(first))
    why = (
        "the second call returned twice the first, so gradients accumulate from call to call; start each call from zero"
        if doubled
        else "the gradient function must give the same for the same point; fix its seed, or keep no state in it"
    )
    yield broken(f"the gradient of {name} changes from call to call: {why}", name)


def changed_inputs(subject: Subject) -> str:
    """Return the name of the first input that is not what it was, having put all of them back."""
    changed = ""
    for leaf in subject.leaves.values():
        if not np.array_equal(leaf.array, leaf.original, equal_nan=True):
            changed = changed or leaf.name
            leaf.array[...] = leaf.original
    return changed or next((subject.leaves[path].name for path in subject.handed.rewritten()), "")


def _ill_treated(subject: Subject, what: str) -> Problem | None:
    """Say which of its inputs a function changes in place, or gives another shape."""
    changed = changed_inputs(subject)
    name, lost = (changed, "") if changed else subject.tally.reshaped.get(what, ("", ""))
    if not name:
        return None
    did = f"sets the {lost} of" if lost else "changes"
    place = "" if lost else " in place"
    if what == GRADIENT:
        return broken(f"the {what} {did} its input {name}{place}", name)
    return broken(f"the {what} {did} its own input {name}{place}; work on a copy of it", name)


def broken(sentence: str, tensor: str = "") -> Problem:
    return Problem(Verdict.BROKEN, sentence, tensor)
