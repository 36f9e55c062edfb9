"""Which arrays are there in a point, and which of them are chosen?"""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Number as AnyNumber

import numpy as np
from numpy.typing import NDArray

from gradcheck._model import trees
from gradcheck._model.computed import stuck
from gradcheck._model.contents import attributes, slots
from gradcheck._model.forms import Form, Number, form_of
from gradcheck._model.leaf import DIGITS, FEWEST, Leaf
from gradcheck._model.movable import integers, is_foreign, is_masked, refusal, whole_array
from gradcheck._model.oracle import Array, Oracle, Tree, kind_among
from gradcheck._model.snapshot import in_a_file, snapshot
from gradcheck._model.tables import Frame
from gradcheck._results.errors import InputError
from gradcheck._results.names import few_of

Found = Sequence[tuple[str, Array]]  # names, each with its numbers


@dataclass(frozen=True)
class Opened:
    """The tensors of a point, and what there is to say of what is held where it is."""

    leaves: Mapping[str, Leaf]
    notes: tuple[str, ...]


def opened(oracle: Oracle, *, promote: bool, parameters: Collection[str] = (), held: Collection[str] = ()) -> Opened:
    """Return the tensors of a point that are moved.

    `parameters` are numbers that are moved although they may be settings, and `held` what is not, as was found out.
    """
    _check_names(oracle.point)
    leaves: dict[str, Leaf] = {}
    empty: list[tuple[str, Array]] = []
    infinite: list[tuple[str, Array]] = []
    partly: list[tuple[str, Array]] = []
    names = [path for path, _ in trees.leaves(oracle.point, numbers=True)]
    for path, value in trees.leaves(oracle.point, numbers=True):
        form = None if path in held else form_of(value)
        if form is None or (isinstance(form, Number) and form.whole and path not in parameters):
            continue
        name, numbers = path or "x", form.numbers
        _check_mask(name, value)
        if numbers.dtype.kind == "c":
            msg = f"{name} is complex; give its real and imaginary parts as two float arrays"
            raise InputError(msg)
        still = ~np.isfinite(numbers)
        if still.all():  # also of what is empty
            (infinite if numbers.size else empty).append((name, numbers))
            continue
        if still.any():
            partly.append((name, numbers))
        kind = oracle.kinds.get(path) or kind_among(name, names)
        leaves[path] = _leaf(oracle, path, form, kind, promote=promote, held=still if still.any() else None)
    if not leaves:
        raise InputError(_nothing_to_move(oracle, empty, infinite))
    return Opened(leaves, (*_still(empty, infinite, partly), *_whole(leaves.values()), *_stuck(oracle.point)))


def _leaf(oracle: Oracle, path: str, form: Form, kind: str, *, promote: bool, held: NDArray[np.bool_] | None) -> Leaf:
    array, coarse = form.numbers, oracle.coarse.get(path)
    private = np.array(array, dtype=np.float64 if promote else array.dtype, order="K")
    theirs = oracle.aside or (in_a_file(array) and array.dtype == private.dtype)  # a third of it would be too much
    return Leaf(
        path or "x",
        kind,
        private,
        array if theirs else snapshot(array) if array.dtype == private.dtype else private.copy(order="K"),
        dtype=coarse or array.dtype,
        form=form,
        digits=DIGITS.get(coarse, FEWEST) if coarse and not promote else 0,
        held=held,
    )


def _still(empty: Found, infinite: Found, partly: Found) -> Iterator[str]:
    """Say what is held where it is, since it has no entries or none that are finite."""
    if empty:
        yield f"empty, so there is nothing to differentiate: {', '.join(name for name, _ in empty)}"
    if infinite:
        yield f"held fixed, since no entry is finite: {', '.join(name for name, _ in infinite)}"
    for name, numbers in partly:
        yield held_in(name, numbers)


def _whole(leaves: Iterable[Leaf]) -> Iterator[str]:
    """Say which columns of a table are held where they are, since they hold whole numbers."""
    for leaf in leaves:
        if isinstance(leaf.form, Frame) and leaf.form.whole:
            names = few_of([f"{leaf.name}[{name!r}]" for name in leaf.form.whole])
            yield f"held fixed, since they are whole numbers: {names}; write {leaf.name}.astype(float) to check them"


def held_in(name: str, numbers: Array) -> str:
    """Say which entries of a tensor are held where they are, since they are not finite."""
    more = int((~np.isfinite(numbers)).sum()) - 1
    others = f" and {more} more of {name}" if more else ""
    return f"held fixed, since not finite: {_first_still(name, numbers)}{others}"


def _stuck(point: Tree) -> Iterator[str]:
    """Say which numbers of a record stay what they were when it was made, although they may follow from its fields."""
    for path, record in trees.records(point):
        names = ", ".join(trees.join(path, f".{name}") for name in stuck(record))
        if names:
            kind = type(record).__name__
            yield (
                f"{names}: the same at every point, since a {kind} is not made of its fields alone; if it is computed "
                "of them, compute it in the function"
            )


def not_finite(leaves: Iterable[Leaf]) -> str:
    """Return what to say of the first entry of some tensors that is not finite; nothing if all are."""
    for leaf in leaves:
        if leaf.held is not None:
            first = leaf.original[tuple(np.argwhere(leaf.held)[0])]
            return f"{_first_still(leaf.name, leaf.original)} is {first} at the given point; give a finite point"
    return ""


def _first_still(name: str, numbers: Array) -> str:
    index = tuple(int(i) for i in np.argwhere(~np.isfinite(numbers))[0])
    return f"{name}[{','.join(map(str, index))}]" if index else name


def _check_names(point: Tree) -> None:
    """Refuse a point of which two leaves have the same name: each would be taken for the other."""
    known: dict[str, str] = {}
    for (path, _), place in zip(trees.leaves(point, numbers=True), trees.places(point, numbers=True), strict=True):
        name = path or "x"
        if name in known:
            msg = f"{known[name]} and {place} are both called {name}; give one of them another name"
            raise InputError(msg)
        known[name] = place


def _check_mask(name: str, value: object) -> None:
    if is_masked(value):
        msg = (
            f"{name} is a masked array, and what is masked has no slope; give what counts, {name}.compressed(), or an "
            f"array without a mask, {name}.filled(0)"
        )
        raise InputError(msg)


def _nothing_to_move(oracle: Oracle, empty: Found, infinite: Found) -> str:
    if infinite:
        name, numbers = infinite[0]
        first = numbers[tuple(np.argwhere(~np.isfinite(numbers))[0])]
        return f"{_first_still(name, numbers)} is {first} at the given point; give a finite point"
    if empty:
        name, numbers = empty[0]
        return f"{name} is an empty array of shape {numbers.shape}: there is nothing to differentiate"
    for path, value in trees.leaves(oracle.point):
        name = path or "x"
        if integers(value) is not None:
            return whole_array(name, value)
        if is_foreign(value) or (isinstance(value, np.ndarray) and value.dtype.kind == "O"):
            return f"{oracle.name} has no float arrays to differentiate: {refusal(name, value)}"
        if said := _not_taken_apart(name, value):
            return said
    last = next((f"{path or 'x'} is {_of_a_kind(value)}; " for path, value in trees.leaves(oracle.point)), "")
    return f"{oracle.name} has no float arrays to differentiate: {last}pass the inputs or parameters as NumPy arrays"


def _not_taken_apart(name: str, value: object) -> str:
    """Return what to write for an object that holds arrays, and nothing says which of them are its numbers."""
    if isinstance(value, np.ndarray) and value.dtype.names:
        fields = ", ".join(f"{field!r}: {name}[{field!r}]" for field in value.dtype.names)
        return f"{name} is an array of records; give a dict of its fields, {{{fields}}}"
    kind = type(value).__name__
    if callable(getattr(type(value), "toarray", None)):
        return f"{name} is a {kind}, which is not moved; give {name}.toarray(), or the array of what is stored in it"
    held = [*(attributes(value) or {}).values(), *(part for _, part in slots(value))]
    if not any(isinstance(part, np.ndarray) for part in held):
        return ""
    return (
        f"{name} is a {kind}, which is not taken apart; give its arrays in a dict or a SimpleNamespace, make "
        f"{kind} a dataclass, or make the {kind} inside of the function"
    )


def _of_a_kind(value: object) -> str:
    """Return what a thing is, in a word or two: a class by its name."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    return f"an array of {value.dtype}" if isinstance(value, np.ndarray) else described(value)


def restrict(leaves: Mapping[str, Leaf], patterns: str | Iterable[str] | None) -> dict[str, Leaf]:
    """Return the leaves whose names match one of the patterns (`*` and `?` stand for anything).

    Raises InputError for a pattern that matches nothing.
    """
    if patterns is None:
        return dict(leaves)
    chosen = matching(patterns, [leaf.name for leaf in leaves.values()], "wrt")
    return {path: leaf for path, leaf in leaves.items() if leaf.name in chosen}


def matching(patterns: object, names: Sequence[str], keyword: str, of: str = "") -> list[str]:
    """Return the names that match one of a keyword's patterns, each once; raises InputError for one without a match."""
    chosen: dict[str, None] = {}
    for pattern in _listed(patterns, keyword):
        found = [name for name in names if fnmatch.fnmatchcase(name, pattern.replace("[", "[[]"))]
        if not found:
            msg = f"{keyword}={pattern!r} matches none of {of}{', '.join(names)}"
            raise InputError(msg)
        chosen |= dict.fromkeys(found)
    return [*chosen]


def _listed(patterns: object, keyword: str) -> list[str]:
    if isinstance(patterns, str):
        return [patterns]
    found = list(patterns) if isinstance(patterns, Iterable) and not isinstance(patterns, bytes) else []
    if found and all(isinstance(pattern, str) for pattern in found):
        return found
    msg = f"{keyword}={patterns!r}: write a pattern of names such as 'W*', or a list of them; leave it out to check all"
    raise InputError(msg)


def described(thing: object) -> str:
    if isinstance(thing, np.ndarray):
        return f"an array of shape {thing.shape}"
    if isinstance(thing, Mapping):
        return f"a dict with {', '.join(map(repr, thing))}"
    return f"a {type(thing).__name__}"


def more_digits(array: Array) -> NDArray[np.float64] | None:
    """Return numbers of Decimal, Fraction or mpmath, which have more digits, as floats; None for anything else."""
    if array.dtype.kind != "O" or not all(isinstance(value, AnyNumber) for value in array.flat):
        return None
    try:
        return np.array([float(value) for value in array.flat]).reshape(array.shape)
    except (TypeError, ValueError, OverflowError):  # a complex one
        return None


def as_array(thing: object) -> Array:
    """Return a thing as an array; one of objects where NumPy cannot make one, of lists of different lengths."""
    try:
        return np.asarray(thing)
    except Exception:  # noqa: BLE001  the thing may be of the user's own making
        array = np.empty((), dtype=object)
        array[()] = thing
        return array
