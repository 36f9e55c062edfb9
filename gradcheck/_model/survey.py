"""Which whole numbers and settings of a point are parameters? Those for which the gradient claims something.

A number among parameters is one of them, even a whole one; an exponent, a length or an index is none, and of the
numbers in a record some are settings. What is claimed tells, and it is asked only where there is such a number.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck._model import movable, trees, units
from gradcheck._model.claims import is_nothing, is_zero, paired
from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array, Oracle, Tree, calling
from gradcheck._model.rng import Pins
from gradcheck._results.errors import InputError
from gradcheck._results.names import few_of

SHOWN = 5  # names in a note
STEP = 2.0**-13  # of its size or of one, by which a whole number is moved to see whether the function follows
NEARER = 8  # times nearer, for a second look: a slope falls with the step, a jump does not
FALLS = 0.5  # what is left of a change at most, so much nearer
ROUNDING = 1e-12  # relative: less is no change


@dataclass(frozen=True)
class Survey:
    """What was found out about the numbers of a point of which it was not clear."""

    parameters: frozenset[str] = frozenset()  # paths of numbers that are moved although they may be settings
    held: frozenset[str] = frozenset()  # paths of what is held where it is, and was looked at
    notes: tuple[str, ...] = ()
    evaluations: int = 0
    gradients: int = 0


def surveyed(oracle: Oracle) -> Survey:
    """Find out which numbers of a point are parameters; raises InputError for a claim about what cannot be moved."""
    doubtful = {} if oracle.aside else _doubtful(oracle.point)
    if not doubtful:
        return Survey()
    pins = Pins(oracle.value, oracle.gradient, *oracle.reach, sources=oracle.sources)
    try:
        return _Surveyor(oracle, doubtful, pins).survey()
    finally:
        pins.restore()


def in_records(point: Tree) -> set[str]:
    """Return the paths of the numbers in records, which may be settings."""
    sure = {path for path, _ in trees.leaves(point)}
    return {path for path, _ in trees.leaves(point, numbers=True)} - sure


def _doubtful(point: Tree) -> dict[str, Any]:
    unsure = in_records(point)
    return {
        path: value
        for path, value in trees.leaves(point, numbers=True)
        if (
            type(value) is not float
            and (movable.is_whole(value) or movable.integers(value) is not None or movable.is_foreign(value))
        )
        or path in unsure
    }


class _Same(int):
    """A whole number that can be told from any other of its size, so that it is seen where it is handed back."""


class _Surveyor:
    def __init__(self, oracle: Oracle, doubtful: Mapping[str, Any], pins: Pins) -> None:
        self.oracle, self.doubtful, self.pins = oracle, doubtful, pins
        self.records = in_records(oracle.point)
        self.evaluations = 0
        self.handed: dict[str, Any] = {}  # what the gradient was given for each leaf

    def survey(self) -> Survey:
        self.here = self._value({})
        self.pins.notice()  # a function that draws random numbers draws the same ones wherever it is asked
        claims = self._claims()
        unclaimed = [path for path in self.doubtful if self._is_unclaimed(path, claims.get(path))]
        moved: list[str] = []
        still: list[str] = []
        for path, value in self.doubtful.items():
            if path not in unclaimed:
                (moved if self._is_moved(path, value, claims[path]) else still).append(path)
        still += self._as_floats([path for path in moved if movable.is_whole(self.doubtful[path])])
        return Survey(
            frozenset(moved) - frozenset(still),
            frozenset([*unclaimed, *still]),
            tuple(self._notes(unclaimed, still)),
            self.evaluations,
            gradients=1,
        )

    def _claims(self) -> dict[str, Any]:
        def given(path: str, old: Any) -> Any:  # noqa: ANN401
            new = movable.own(old)
            if path in self.records:
                new = np.float64(old) if isinstance(old, float) else _Same(old) if type(old) is int else old
            self.handed[path] = new
            return new

        self.pins.pin()
        with calling("the gradient function"):
            gradient = self.oracle.gradient(trees.rebuild(self.oracle.point, given, numbers=True))
        return dict(paired(self.oracle.point, gradient))

    def _is_unclaimed(self, path: str, claim: Any) -> bool:  # noqa: ANN401
        if is_nothing(claim) or claim is self.handed.get(path):
            return True
        return self.oracle.settings and path in self.records and self._is_default(path, claim)

    def _is_default(self, path: str, claim: Any) -> bool:  # noqa: ANN401
        """Return whether a claim is what a record has in its field where nothing is said."""
        above, _, name = path.rpartition(".")
        record = _at(self.oracle.point, above)
        named = [f for f in dataclasses.fields(record) if f.name == name] if trees.is_record(record) else []
        return any(f.default is claim for f in named)

    def _is_moved(self, path: str, value: Any, claim: Any) -> bool:  # noqa: ANN401
        """Return whether something is moved for which something is claimed."""
        name, numbers = path or "x", movable.integers(value)
        if movable.is_foreign(value):
            raise InputError(movable.refusal(name, value))
        if not movable.is_whole(value) and numbers is None:
            return True
        if not is_zero(claim):
            if numbers is not None:
                raise InputError(movable.whole_array(name, value))
            return True
        follows = self._follows(path, np.asarray(value if numbers is None else numbers, dtype=np.float64))
        if follows and numbers is not None:
            msg = f"{movable.whole_array(name, value)}: the function follows it, and zero is claimed for it"
            raise InputError(msg)
        return follows

    def _follows(self, path: str, here: Array) -> bool:
        """Return whether the function takes floats in the place of whole numbers, and follows them continuously."""
        step = STEP * max(1.0, float(np.max(np.abs(here), initial=0.0)))
        start, far, near = (self._tried({path: here + h}) for h in (0.0, step, step / NEARER))
        if start is None or far is None or near is None or not _agree(start, self.here):
            return False
        much, little = (float(np.max(np.abs(y - start), initial=0.0)) for y in (far, near))
        return much > ROUNDING * float(np.max(np.abs(start), initial=0.0)) and little <= FALLS * much

    def _as_floats(self, paths: list[str]) -> list[str]:
        """Return those of some whole numbers in whose places the function does not take floats.

        Raises InputError for those for which the user claims something.
        """
        numbers = {path: np.asarray(self.doubtful[path], dtype=np.float64) for path in paths}
        if not numbers or _agree(self._tried(numbers), self.here):
            return []
        refused = [path for path in paths if not _agree(self._tried({path: numbers[path]}), self.here)] or paths
        if self.oracle.columns is not None:
            return refused  # columns for every number there is: nobody claimed anything for this one
        msg = (
            f"{refused[0] or 'x'} is a whole number that the function needs as one, so it has no derivative with "
            "respect to it; claim nothing for it (None), or let the function take a float in its place"
        )
        raise InputError(msg)

    def _tried(self, numbers: Mapping[str, Array]) -> Array | None:
        try:
            with np.errstate(all="ignore"):
                return self._value(numbers)
        except Exception as error:  # of a float where a whole number is needed
            if ends(error):
                raise
            return None

    def _value(self, numbers: Mapping[str, Array]) -> Array:
        def given(path: str, old: Any) -> Any:  # noqa: ANN401
            return numbers[path][()] if path in numbers else movable.own(old)

        self.evaluations += 1
        self.pins.pin()
        with calling("the function"):
            output = self.oracle.value(trees.rebuild(self.oracle.point, given, numbers=True))
        try:
            return np.asarray(units.bare(output), dtype=np.float64)
        except Exception:  # noqa: BLE001  of this will be heard when it is called in earnest
            return np.full((), np.nan)

    def _notes(self, unclaimed: list[str], still: list[str]) -> list[str]:
        silent = self.records if self.oracle.settings else set()
        said = [path or "x" for path in unclaimed if path not in silent]
        notes = [f"held fixed, since nothing is claimed for it: {few_of(said, SHOWN)}"] * bool(said)
        if still:
            names = few_of([path or "x" for path in still], SHOWN)
            notes.append(f"held fixed, since the function needs whole numbers there: {names}")
        return notes


def _at(tree: Tree, path: str) -> Tree:
    """Return what stands at a path of a tree."""
    if not path:
        return tree
    for step, child in trees.children(tree, numbers=True) or ():
        start = step.removeprefix(".")
        if path == start or (start and path.startswith((start + ".", start + "["))):
            return _at(child, path[len(start) :].removeprefix("."))
        if not start:
            found = _at(child, path)
            if found is not None:
                return found
    return None


def _agree(a: Array | None, b: Array) -> bool:
    return a is not None and a.shape == b.shape and bool(np.allclose(a, b, rtol=1e-9, atol=0.0, equal_nan=True))
