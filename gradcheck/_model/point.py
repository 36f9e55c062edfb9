"""Which arrays are there in a point, and which part of a claimed gradient belongs to each?"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._model import trees
from gradcheck._model.oracle import Array, Oracle, Tree, kind_among
from gradcheck._results.errors import InputError

DIGITS = {"bfloat16": 8, "float8_e4m3fn": 4, "float8_e4m3fnuz": 4, "float8_e5m2": 3, "float8_e5m2fnuz": 3}

FEWEST = 4  # binary digits of an eight-bit number that is not in the table

COPIED = 100_000  # entries of a gradient that is ours already, above which a copy would cost more than it guards


@dataclass(frozen=True)
class Leaf:
    """One tensor of the point."""

    name: str
    kind: str
    array: Array  # private; changed in place while a line is walked, and put back by assignment
    original: Array
    dtype: np.dtype[Any] | str  # what the user gave; a name where NumPy has none such
    scalar: bool  # a Python or NumPy number, which the function must be given as a number
    digits: int = 0  # binary digits of a number, where the array's dtype is wider; 0 where it is its own

    @property
    def scale(self) -> NDArray[np.float64]:
        """The natural step of each entry: its own size, or that of a typical entry of the tensor."""
        size = np.abs(self.original.astype(np.float64)).ravel()
        typical = np.median(size[size > 0]) if (size > 0).any() else 1.0
        return np.maximum(size, typical)

    @property
    def given(self) -> float:
        """The relative rounding of what the user gave."""
        return (
            2.0 ** (1 - DIGITS.get(self.dtype, FEWEST))
            if isinstance(self.dtype, str)
            else float(np.finfo(self.dtype).eps)
        )

    @property
    def eps(self) -> float:
        """The relative rounding of the numbers in the array."""
        return 2.0 ** (1 - self.digits) if self.digits else float(np.finfo(self.array.dtype).eps)

    def rounded(self, numbers: Any) -> Any:  # noqa: ANN401
        """Return numbers as the array holds them."""
        if self.digits:
            numbers = to_digits(numbers, self.digits)
        return np.asarray(numbers).astype(self.array.dtype)[()]


def to_digits(numbers: Any, digits: int) -> NDArray[np.float64]:  # noqa: ANN401
    """Round numbers to some binary digits."""
    mantissa, exponent = np.frexp(np.asarray(numbers, dtype=np.float64))
    return np.asarray(np.ldexp(np.round(np.ldexp(mantissa, digits)), exponent - digits))


def opened(oracle: Oracle, *, promote: bool) -> dict[str, Leaf]:
    opened: dict[str, Leaf] = {}
    integers = []
    _check_names(oracle.point)
    names = [path for path, _ in trees.leaves(oracle.point)]
    for path, value in trees.leaves(oracle.point):
        name = path or "x"
        _check_mask(name, value)
        array = as_array(value)
        if array.dtype.kind in "iub" and not isinstance(value, bool):
            integers.append((name, array))
        if array.dtype.kind == "c":
            msg = f"{name} is complex; give its real and imaginary parts as two float arrays"
            raise InputError(msg)
        if array.dtype.kind != "f":
            continue
        _check_start(name, array)
        kind = oracle.kinds.get(path) or kind_among(name, names)
        private = np.array(array, dtype=np.float64 if promote else array.dtype, order="K")
        coarse = oracle.coarse.get(path)
        digits = DIGITS.get(coarse, FEWEST) if coarse else 0
        opened[path] = Leaf(
            name,
            kind,
            private,
            array if oracle.aside else private.copy(),
            dtype=coarse or array.dtype,
            scalar=not isinstance(value, np.ndarray),
            digits=0 if promote else digits,
        )
    if not opened:
        raise InputError(_nothing_to_move(oracle, integers))
    return opened


def _check_names(point: Tree) -> None:
    """Refuse a point of which two leaves have the same name: each would be taken for the other."""
    known: dict[str, str] = {}
    for (path, _), place in zip(trees.leaves(point), trees.places(point), strict=True):
        name = path or "x"
        if name in known:
            msg = f"{known[name]} and {place} are both called {name}; give one of them another name"
            raise InputError(msg)
        known[name] = place


def _check_mask(name: str, value: object) -> None:
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        msg = (
            f"{name} is a masked array, and what is masked has no slope; give what counts, {name}.compressed(), or an "
            f"array without a mask, {name}.filled(0)"
        )
        raise InputError(msg)


def _check_start(name: str, array: Array) -> None:
    if array.size == 0:
        msg = f"{name} is an empty array of shape {array.shape}: there is nothing to differentiate"
        raise InputError(msg)
    if not np.isfinite(array).all():
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        where = f"{name}[{','.join(map(str, index))}]" if index else name
        msg = f"{where} is {array[index]} at the start; give a finite point"
        raise InputError(msg)


def _nothing_to_move(oracle: Oracle, integers: list[tuple[str, Array]]) -> str:
    if integers:
        name, array = integers[0]
        return (
            f"{name} is an integer array ({array.dtype}), and integers cannot be moved by a small step; "
            f"write `{name}.astype(float)`" + (f", or {name} + 0.0 for a number" if array.ndim == 0 else "")
        )
    return f"{oracle.name} has no float arrays to differentiate: pass the inputs or parameters as NumPy arrays"


def restrict(leaves: Mapping[str, Leaf], patterns: str | Iterable[str] | None) -> dict[str, Leaf]:
    """Return the leaves whose names match one of the patterns (`*` and `?` stand for anything).

    Raises InputError for a pattern that matches nothing.
    """
    if patterns is None:
        return dict(leaves)
    chosen = matching(patterns, [leaf.name for leaf in leaves.values()], "wrt")
    return {path: leaf for path, leaf in leaves.items() if leaf.name in chosen}


def matching(patterns: object, names: Sequence[str], keyword: str, of: str = "") -> list[str]:
    """Return the names that match one of the patterns of a keyword, each once; raises InputError for one in vain."""
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


def matched(point: Tree, gradient: Tree, leaves: Mapping[str, Leaf], *, ours: bool = False) -> dict[str, Array]:
    """Return the arrays of a gradient under the names of the point's; one that is `ours` is taken apart meanwhile.

    Raises InputError for missing and surplus names and for wrong shapes and types.
    """
    found = dict(_paired(point, gradient, ""))
    missing = [leaf.name for path, leaf in leaves.items() if found.get(path) is None]
    if missing:
        have = ", ".join(repr(p or "x") for p, v in found.items() if v is not None) or "nothing"
        msg = (
            f"the gradient has nothing for {', '.join(map(repr, missing))} (it has {have}); "
            "return an array of the same shape for each, zeros where the derivative is zero"
        )
        raise InputError(msg)
    if ours:
        gradient.clear()  # so that no more than one array is there twice
    return {path: _fitting(leaf, found.pop(path), ours=ours) for path, leaf in leaves.items()}


def _paired(point: Tree, gradient: Tree, path: str) -> Iterator[tuple[str, Any]]:
    below = trees.children(point)
    if below is None:
        yield path, gradient
        return
    if gradient is None:
        return
    theirs = _parts_like(point, gradient, path)
    surplus = [key for key in theirs if key not in dict(below)]
    if surplus:
        names = ", ".join(repr(trees.join(path, s)) for s in surplus)
        have = ", ".join(repr(trees.join(path, s)) for s, _ in below)
        msg = f"the gradient has {names}, which the point has not (it has {have}); return exactly its names"
        raise InputError(msg)
    for step, child in below:
        yield from _paired(child, theirs.get(step), trees.join(path, step))


def _parts_like(point: Tree, gradient: Tree, path: str) -> dict[str, Any]:
    """Return the children of a gradient, for which a list may also be an array or a tuple."""
    listed = isinstance(gradient, (list, tuple)) or (isinstance(gradient, np.ndarray) and gradient.ndim > 0)
    if isinstance(point, (list, tuple)) and listed:
        parts: list[Any] = list(gradient)
        steps = [step for step, _ in trees.children(point) or ()]
        if len(parts) != len(steps):
            msg = f"the gradient of {path or 'the point'} has {len(parts)} parts where there are {len(steps)}"
            raise InputError(msg)
        return dict(zip(steps, parts, strict=True))
    below = trees.children(gradient)
    if below is None:
        msg = (
            f"the gradient of {path or 'the point'} is {described(gradient)} where {described(point)} is needed; "
            "return the same structure as the point"
        )
        raise InputError(msg)
    return dict(below)


def described(thing: object) -> str:
    if isinstance(thing, np.ndarray):
        return f"an array of shape {thing.shape}"
    if isinstance(thing, Mapping):
        return f"a dict with {', '.join(map(repr, thing))}"
    return f"a {type(thing).__name__}"


def _fitting(leaf: Leaf, claim: object, *, ours: bool) -> Array:
    array = as_array(claim)
    shape = leaf.array.shape
    if array.dtype.kind not in "fiub":
        msg = f"the gradient of {leaf.name} is {described(claim)} of dtype {array.dtype}; return real floats"
        raise InputError(msg)
    if array.shape != shape:
        if leaf.scalar and array.size == 1:
            return array.reshape(())
        hint = " (it looks transposed)" if array.T.shape == shape else ""
        msg = (
            f"the gradient of {leaf.name} has shape {array.shape} where {leaf.name} has {shape}{hint}; "
            "a gradient has the shape of the thing it is the gradient of"
        )
        raise InputError(msg)
    if ours and array.size > COPIED and array.dtype.kind == "f":
        return array
    return np.array(array, dtype=array.dtype if array.dtype.kind == "f" else np.float64)


def as_array(thing: object) -> Array:
    """Return a thing as an array; one of objects where NumPy cannot make one, of lists of different lengths."""
    try:
        return np.asarray(thing)
    except Exception:  # noqa: BLE001  the thing may be of the user's own making
        array = np.empty((), dtype=object)
        array[()] = thing
        return array
