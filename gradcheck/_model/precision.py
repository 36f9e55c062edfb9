"""In which precision is a subject measured? In double, where its function takes that, else in the user's own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._model.ending import ends, forgiven
from gradcheck._model.leaf import Leaf
from gradcheck._model.oracle import Oracle
from gradcheck._model.subject import Subject
from gradcheck._model.survey import surveyed
from gradcheck._results.errors import CallError, InputError
from gradcheck._results.floating import REORDERED
from gradcheck._results.names import few_of

MOVE = 2.0**-6  # of its scale, by which a tensor is moved to see whether the function follows
ALIKE = 0.02  # relative: values of a function in two precisions
FOLLOWS = 0.1  # relative: its moves in two precisions

Moves = Mapping[str, NDArray[np.float64]]


def opened(oracle: Oracle, precision: str) -> Subject:
    """Open an oracle in double precision where that is wanted and its function takes it, else as it is."""
    subject = _promoted(oracle, precision)
    subject.tally.evaluations += oracle.spent
    return subject


def _promoted(oracle: Oracle, precision: str) -> Subject:
    survey = surveyed(oracle)
    plain = Subject.of(oracle, promote=False, survey=survey)
    narrow = {path: leaf for path, leaf in plain.leaves.items() if leaf.dtype != np.float64}
    if not narrow:
        return plain
    if precision == "double":
        wide = Subject.of(oracle, promote=True, survey=replace(survey, evaluations=0, gradients=0), pins=plain.pins)
        same = _alike(plain, wide, {path: _move(leaf) for path, leaf in narrow.items()})
        plain.tally.evaluations = wide.tally.evaluations = plain.evaluations + wide.evaluations
        if same:
            names, dtype = _told(narrow.values())
            note = f"measured in float64, which the function takes; given were {dtype} ({names})"
            return replace(wide, plain=plain, notes=(*wide.notes, note))
    return _as_it_is(plain, narrow.values())


def as_given(subject: Subject, error: CallError) -> Subject | None:
    """Return a subject in the user's own precision, if its gradient works in that, and raised in double.

    As where a framework's backward refuses two precisions that its forward takes.
    """
    plain = subject.plain
    if plain is None or ends(error):
        return None
    spent = subject.tally
    plain.tally.evaluations, plain.tally.gradients, plain.tally.watch = spent.evaluations, spent.gradients, spent.watch
    with forgiven():
        plain.claims()
        narrow = [leaf for leaf in plain.leaves.values() if leaf.dtype != np.float64]
        why = str(error).strip().partition("\n")[0]
        return _as_it_is(replace(plain, chosen=subject.chosen), narrow, f"in float64 {why}; ")
    return None


def _as_it_is(plain: Subject, narrow: Collection[Leaf], why: str = "") -> Subject:
    """Return a subject that is measured in the precision that was given, and says so."""
    plain.tally.eps = max(leaf.given for leaf in narrow)  # a Python float may come of float32
    names, dtype = _told(narrow)
    note = f"{why}measured in {dtype} as it is ({names}): what it rounds away could not be seen"
    return replace(plain, notes=(*plain.notes, note))


def _told(leaves: Collection[Leaf]) -> tuple[str, str]:
    """Return the names of some tensors, and their types."""
    return few_of([leaf.name for leaf in leaves]), "/".join(sorted({str(leaf.dtype) for leaf in leaves}))


def _move(leaf: Leaf) -> NDArray[np.float64]:
    """Return a move to numbers of the leaf's own precision: the same place in both."""
    signs = np.random.default_rng(0).choice([-1.0, 1.0], leaf.array.shape)
    with np.errstate(all="ignore"):
        there = leaf.rounded(leaf.original + MOVE * signs * leaf.scale.reshape(leaf.array.shape))
        return np.asarray(there.astype(np.float64) - leaf.original, dtype=np.float64)


def _alike(plain: Subject, wide: Subject, moves: Moves) -> bool:
    """Whether a function has the same value in both precisions, and follows each tensor in both.

    One that reads an array of its own, not the one it is given, has the same value and follows in one only.
    """
    try:
        (value, own), (wide_value, double) = _behaviour(plain, moves), _behaviour(wide, moves)
    except (CallError, InputError) as error:
        if ends(error):
            raise
        return False
    if np.shape(value) != np.shape(wide_value):
        return False
    size = max(float(np.sum(np.abs(value))), float(np.max(np.abs(double), where=np.isfinite(double), initial=0.0)))
    if not np.max(np.abs(value - wide_value)) <= ALIKE * size:  # f itself may be the rounding of zero
        return False
    rounding = [REORDERED * plain.leaves[path].given * size for path in moves]
    with np.errstate(all="ignore"):
        apart = np.abs(own - double) > np.maximum(FOLLOWS * np.maximum(np.abs(own), np.abs(double)), rounding)
    return not bool((apart | (np.isfinite(own) & ~np.isfinite(double))).any())


def _behaviour(subject: Subject, moves: Moves) -> tuple[Any, NDArray[np.float64]]:
    """Return the terms of the value, and by how much it changes with each move, at the same random numbers."""
    changes = []
    with subject.oracle.guard(), np.errstate(all="ignore"):
        try:
            subject.pins.restore()
            here = subject.settled()
            for path, move in moves.items():
                subject.pins.restore()
                changes.append(here.direction({path: move})(1.0)[1])
        finally:
            subject.pins.restore()
    subject.tally.trouble, subject.tally.raised = None, 0  # warnings here are not the user's concern
    return here.base, np.array(changes)
