"""Does the same call give the same again, and leave its inputs alone?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np

from gradcheck._model.ending import ends, forgiven
from gradcheck._model.filed import Filed
from gradcheck._model.oracle import Array
from gradcheck._model.point import not_finite
from gradcheck._model.snapshot import in_a_file
from gradcheck._model.subject import FUNCTION, GRADIENT, Subject
from gradcheck._protocol import history, own_state
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
    "where the last call stopped (a warm start){}; start every call from the same place"
)


TWICE = "the second call returned twice the first, so gradients accumulate from call to call"
ADDS = "each call adds the same again to it, as where gradients accumulate or weights are updated"


def settled(subject: Subject) -> tuple[Subject, Problem | None]:
    """Take the value at the point, twice; return the subject that counts from it, and what makes it useless."""
    subject.settled()
    drew = subject.pins.notice()
    here = subject.settled()
    if drew:
        here = _told(here, "the function" if subject.pins.moved() else "the gradient function")
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
        return again, broken(_why_it_changes(again, first, second, drew=drew))
    return again.changed(jitter=float(np.abs(first - second).sum())), None


def pinned(subject: Subject) -> Subject:
    """Put back the generators that the last call of the function has moved, from now on, and say so."""
    return _told(subject, "the function") if subject.pins.notice() else subject


def _told(subject: Subject, who: str) -> Subject:
    return replace(subject, notes=(*subject.notes, PINNED.format(who, subject.pins.named)))


def _why_it_changes(subject: Subject, first: Array, second: Array, *, drew: bool) -> str:
    before, after = float(first.sum()), float(second.sum())
    if not drew:
        seen = told_apart(before, after, "first {}, then {}")
        warm = _settles(subject, [first, second])
        if warm or history.remembers(subject):
            kept = own_state.kept_in(subject, lambda: np.atleast_1d(subject.settled().base))
            return WARM.format(seen, f", kept in {kept}" * bool(kept)) if warm else history.remembered(seen, kept)
    if before == after:  # what changes comes out in the sum
        k = int(np.argmax(np.abs(first - second).ravel()))
        before, after = float(first.ravel()[k]), float(second.ravel()[k])
    said = f"the function changes from call to call: {told_apart(before, after, 'first {}, then {}')}, "
    kept = own_state.kept_in(subject, lambda: np.atleast_1d(subject.settled().base))
    if kept:
        why = f"since each call changes {kept}; start every call from the same, or make it an argument"
        return f"{said}at the same point, {why}"
    which = "although the random generators it draws from were reset" if drew else "at the same point"
    return f"{said}{which}; fix its seed, or pass the random numbers in as an argument"


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
        first = _Waiting(subject.claims())
    except RuleError as error:
        return {}, [Problem(Verdict.WRONG, str(error), error.tensor)]
    changed = _ill_treated(subject, GRADIENT)
    if changed is not None:
        return first.claims(), [changed]
    try:
        second = subject.claims()
    except CallError as error:
        if ends(error):
            raise
        return first.claims(), [broken(f"the second call of the gradient function failed: {error}")]
    other = first.unlike(second)
    if other is None:
        return first.claims(), []
    why = _why_it_differs(subject, other, first.claims()[other], second[other])
    return first.claims(), [broken(why, subject.leaves[other].name)]


class _Waiting:
    """Claims of one call while another is made: large ones stand in a file, so that one of the two is in memory."""

    def __init__(self, claims: dict[str, Array]) -> None:
        """Take claims, which nobody else may hold."""
        self._claims = {
            path: claims.pop(path) if not _in_a_file(claim) else (Filed.of(claims.pop(path)), claim.shape)
            for path, claim in [*claims.items()]
        }

    def unlike(self, others: Mapping[str, Array]) -> str | None:
        """Return the first tensor whose claims are not the same in another call."""
        return next((path for path, other in others.items() if not self._like(path, other)), None)

    def _like(self, path: str, other: Array) -> bool:
        first = self._claims[path]
        same = isinstance(first, tuple) and other.flags.c_contiguous and first[0].same(other)
        return same or _repeats(self._array(path), other)

    def claims(self) -> dict[str, Array]:
        """Return the claims as arrays; what was in a file is in memory as far as it is read."""
        return {path: self._array(path) for path in self._claims}

    def _array(self, path: str) -> Array:
        first = self._claims[path]
        return first[0].mapped().reshape(first[1]) if isinstance(first, tuple) else first


def _in_a_file(claim: Array) -> bool:
    return in_a_file(claim) and claim.flags.c_contiguous


def _repeats(first: Array, second: Array) -> bool:
    finite = np.isfinite(first) & np.isfinite(second)
    return np.array_equal(first, second) or alike(first[finite], second[finite], eps_of(first))


def _why_it_differs(subject: Subject, path: str, first: Array, second: Array) -> str:
    said = f"the gradient of {subject.leaves[path].name} changes from call to call"
    third = second
    with forgiven():
        third = subject.claims()[path]
    kept = own_state.kept_in(subject, lambda: subject.claims()[path])
    if _repeats(2 * first, second):
        where = f", in {kept}" * bool(kept)
        return f"{said}: {TWICE}{where}; start each call from zero"
    if _repeats(third - second, second - first):
        where = f", and changes {kept}" * bool(kept)
        return f"{said}: {ADDS}{where}; start each call from zero, and update nothing in it"
    if kept:
        return f"{said}: each call changes {kept}; the gradient must be the same at the same point"
    return f"{said}: the gradient function must give the same for the same point; fix its seed, or keep no state in it"


def changed_inputs(subject: Subject) -> str:
    """Return the name of the first input that is not what it was, having put all of them back."""
    changed = ""
    for leaf in subject.leaves.values():
        if not leaf.at_rest:
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
