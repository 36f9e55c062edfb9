"""What is being checked? Named arrays, a value, a claimed gradient; everything else is made into this.

`Oracle` is what a user (or an adapter) says; `Subject` is that, opened for measuring: private copies of the
arrays, the claims by name, lines through the point. Frameworks know only this file.
"""

from __future__ import annotations

import contextlib
import fnmatch
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck import _tree
from gradcheck._report import GradientError, InputError
from gradcheck._state import Pins

Array = NDArray[Any]
Tree = Any
Line = Callable[[float], tuple[float, float]]


class CallError(GradientError):
    """The user's function or gradient raised at a point where it must not; its own traceback is the cause."""


WEIGHTS = ("w", "weight", "kernel", "filter", "embedding", "gamma", "scale")
BIASES = ("b", "bias", "beta", "shift", "offset")
BOOLS = (bool, np.bool_)
WAYS = ("grad", "vjp", "value_and_grad")  # keywords that say what is claimed


def ways(keywords: Mapping[str, Any]) -> list[str]:
    """Return which of the keywords that say what is claimed were given."""
    said = {way: keywords.get(way) for way in WAYS}
    return [way for way, claim in said.items() if claim is not None and not (isinstance(claim, BOOLS) and not claim)]


@dataclass(frozen=True)
class Oracle:
    """Anything that can be checked, in three fields: a point, a value and the claimed gradient there.

    `point` is an array, or a dict, list, tuple or dataclass of arrays, nested as you like. `value(point)` is
    a scalar, and `gradient(point)` has the structure and shapes of `point`. With `cotangent`, `value` is an
    array of its shape and `gradient` that of the sum of `cotangent * value`. `pullback(point, cotangent)`,
    if given, serves to test that the backward is linear in its cotangent.
    """

    point: Tree
    value: Callable[[Any], Any]
    gradient: Callable[[Any], Any]
    name: str = "function"
    kinds: Mapping[str, str] = field(default_factory=dict)  # path -> kind, where the name does not tell
    cotangent: Array | None = None
    pullback: Callable[[Any, Array], Any] | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)  # numbers a wrong factor may be equal to
    notes: tuple[str, ...] = ()
    reach: tuple[object, ...] = ()  # where random generators may be found
    spent: int = 0  # calls of the function that were made to find out its outputs
    guard: Callable[[], AbstractContextManager[Any]] = contextlib.nullcontext  # saves and restores the model
    data: Mapping[str, Array] = field(default_factory=dict)  # what the function sees beside the point
    output: Array | None = None  # at the point, if there is one array of them, in its shape
    parts: Callable[[], Mapping[str, Oracle]] | None = None  # the layers within, each to be taken alone


@dataclass(frozen=True)
class Leaf:
    """One tensor of the point."""

    name: str
    kind: str
    array: Array  # private; changed in place while a line is walked, and put back by assignment
    original: Array
    dtype: np.dtype[Any]  # what the user gave
    scalar: bool  # a Python or NumPy number, which the function must be given as a number

    @property
    def scale(self) -> NDArray[np.float64]:
        """The natural step of each entry: its own size, or that of a typical entry of the tensor."""
        size = np.abs(self.original.astype(np.float64)).ravel()
        typical = np.median(size[size > 0]) if (size > 0).any() else 1.0
        return np.maximum(size, typical)


class Subject:
    """An oracle, opened: private copies of its arrays, values along lines, claims by name."""

    def __init__(self, oracle: Oracle, *, promote: bool) -> None:
        """Copy the arrays of the point; raises InputError if there is nothing that can be checked."""
        self.oracle = oracle
        self.evaluations = self.gradients = 0
        self.trouble: Exception | None = None  # the first exception of a probe
        self.notes: list[str] = []
        self.plain: Subject | None = None  # the same in the user's own precision, where this one is wider
        self.eps = 2.0**-52  # of the coarsest dtype that the function ever returned
        self.jitter = 0.0  # by how much two equal calls differed
        self.leaves = _open(oracle, promote=promote)
        self.chosen = self.leaves  # those whose gradient is wanted
        self.pins = Pins(oracle.value, oracle.gradient, *oracle.reach)
        self._scalars = any(leaf.scalar for leaf in self.leaves.values())
        self._tree = self._assemble()
        self.base: NDArray[np.float64] | float = 0.0

    def _assemble(self) -> Tree:
        def leaf(path: str, old: object) -> object:
            mine = self.leaves.get(path)
            if mine is None:
                return old
            return mine.array.dtype.type(mine.array[()]) if mine.scalar else mine.array

        return _tree.rebuild(self.oracle.point, leaf)

    @property
    def tree(self) -> Tree:
        """The point as the user's functions are given it."""
        return self._assemble() if self._scalars else self._tree

    def output(self) -> Any:  # noqa: ANN401  whatever the user's function returns
        """Call the user's function at the present place, with the random generators pinned."""
        self.evaluations += 1
        self.pins.pin()
        with calling("the function"):
            return self.oracle.value(self.tree)

    def claims(self) -> dict[str, Array]:
        """Call the user's gradient at the present place; raises InputError unless it fits the point."""
        self.gradients += 1
        self.pins.pin()
        with calling("the gradient function"):
            gradient = self.oracle.gradient(self.tree)
        return self.named(gradient)

    def named(self, gradient: Tree) -> dict[str, Array]:
        """Give the arrays of a gradient the names of the point's; raises InputError where they do not fit."""
        return matched(self.oracle.point, gradient, self.chosen)

    def terms(self, output: Any) -> NDArray[np.float64] | float:  # noqa: ANN401
        """Return the parts of the scalar whose derivative is taken; their sum is that scalar."""
        self.eps = max(self.eps, _precision(output))
        u = self.oracle.cotangent
        if u is None:
            return scalar(output)
        if np.shape(output) != np.shape(u):
            msg = f"the function returned {_describe(output)} and its cotangent is {_describe(u)}: give both one shape"
            raise InputError(msg)
        return np.asarray(output, dtype=np.float64) * u

    def settle(self) -> None:
        """Take the value at the present place as the one that increments are counted from."""
        terms = self.terms(self.output())
        self.base = terms if isinstance(terms, float) else terms.copy()

    def increment(self) -> float:
        """Return f here minus f at the settled point; nan where f raises or is not finite.

        Summing differences of outputs, not outputs, keeps an offset in one output out of the others' digits.
        """
        try:
            with np.errstate(all="ignore"):
                return float(np.sum(self.terms(self.output()) - self.base))
        except Exception as trouble:  # noqa: BLE001  outside its domain a function may raise anything
            self.trouble = self.trouble or trouble
            return float("nan")

    def rounding(self) -> float:
        """Return a floor of the noise of f: its value, or its outputs, are rounded to the last place."""
        terms = np.atleast_1d(self.base)
        largest = max(float(np.abs(terms).max()), 2.0**-1022)
        root = float(np.sqrt(np.sum((terms / largest) ** 2)))
        return max(0.35 * self.eps * largest * root, self.jitter, 2.0**-1074)

    def entry(self, leaf: Leaf, flat: int) -> Line:
        """Return the line along one entry."""
        array, index = leaf.array, np.unravel_index(flat, leaf.array.shape)
        here = array[index]

        def line(t: float) -> tuple[float, float]:
            with np.errstate(over="ignore"):
                array[index] = moved = array.dtype.type(here + t)
            try:
                return float(moved) - float(here), self.increment()
            finally:
                array[index] = here

        return line

    def direction(self, moves: Mapping[str, Array]) -> Line:
        """Return the line along a direction through several tensors at once."""
        start = {name: self.leaves[name].array.copy() for name in moves}

        def line(t: float) -> tuple[float, float]:
            try:
                with np.errstate(over="ignore"):
                    for name, move in moves.items():
                        self.leaves[name].array[...] = start[name] + t * move
                return t, self.increment()
            finally:
                for name, here in start.items():
                    self.leaves[name].array[...] = here

        return line

    @contextlib.contextmanager
    def at(self, moves: Mapping[str, Array]) -> Iterator[None]:
        """Stand at another point for a while."""
        start = {name: self.leaves[name].array.copy() for name in moves}
        base = self.base
        try:
            with np.errstate(over="ignore"):
                for name, move in moves.items():
                    self.leaves[name].array[...] = start[name] + move
            yield
        finally:
            self.base = base
            for name, here in start.items():
                self.leaves[name].array[...] = here


def _precision(output: object) -> float:
    dtype = getattr(output, "dtype", None)
    return float(np.finfo(dtype).eps) if isinstance(dtype, np.dtype) and dtype.kind == "f" else 0.0


@contextlib.contextmanager
def calling(what: str) -> Iterator[None]:
    """Raise CallError, with the user's own exception as its cause, for whatever the user's code raises."""
    try:
        yield
    except (InputError, CallError):
        raise
    except Exception as error:
        msg = f"{what} raised {type(error).__name__}: {error}"
        raise CallError(msg) from error


def restrict(leaves: Mapping[str, Leaf], patterns: str | Iterable[str] | None) -> dict[str, Leaf]:
    """Return the leaves whose names match one of the patterns (`*` and `?` stand for anything).

    Raises InputError for a pattern that matches nothing.
    """
    if patterns is None:
        return dict(leaves)
    chosen: dict[str, Leaf] = {}
    names = [leaf.name for leaf in leaves.values()]
    for pattern in _listed(patterns):
        literal = pattern.replace("[", "[[]")
        found = {path: leaf for path, leaf in leaves.items() if fnmatch.fnmatchcase(leaf.name, literal)}
        if not found:
            msg = f"wrt={pattern!r} matches none of {', '.join(names)}"
            raise InputError(msg)
        chosen |= found
    return {path: leaf for path, leaf in leaves.items() if path in chosen}


def _listed(patterns: object) -> list[str]:
    if isinstance(patterns, str):
        return [patterns]
    listed = list(patterns) if isinstance(patterns, Iterable) and not isinstance(patterns, bytes) else []
    if listed and all(isinstance(pattern, str) for pattern in listed):
        return listed
    msg = f"wrt={patterns!r}: write a pattern of names such as 'W*', or a list of them; leave it out to check all"
    raise InputError(msg)


def scalar(output: Any) -> float:  # noqa: ANN401
    """Return a loss as a float; raises InputError if it is not a single real number."""
    if isinstance(output, float):
        return float(output)
    array = _as_array(output)
    if array.size == 1 and array.dtype.kind in "fiub":
        return float(array.reshape(()))
    what = _describe(array) if array.dtype.kind in "fiubc" else repr(type(output).__name__)
    msg = (
        f"the function returned {what} where a scalar is promised (grad= is the gradient of one number); "
        "write `vjp=pullback` for a function with several outputs, or return their sum or mean"
    )
    raise InputError(msg)


def _as_array(thing: object) -> Array:
    """Return a thing as an array; one of objects where NumPy cannot make one, of lists of different lengths."""
    try:
        return np.asarray(thing)
    except Exception:  # noqa: BLE001  the thing may be of the user's own making
        array = np.empty((), dtype=object)
        array[()] = thing
        return array


# --------------------------------------------------------------------- opening the point, matching the claim


def _open(oracle: Oracle, *, promote: bool) -> dict[str, Leaf]:
    opened: dict[str, Leaf] = {}
    integers = []
    _check_names(oracle.point)
    for path, value in _tree.leaves(oracle.point):
        name = path or "x"
        array = _as_array(value)
        if array.dtype.kind in "iub" and not isinstance(value, bool):
            integers.append((name, array))
        if array.dtype.kind == "c":
            msg = f"{name} is complex; give its real and imaginary parts as two float arrays"
            raise InputError(msg)
        if array.dtype.kind != "f":
            continue
        _check_start(name, array)
        kind = oracle.kinds.get(path) or guess_kind(name)
        dtype = np.float64 if promote else array.dtype
        private = np.array(array, dtype=dtype, order="K")
        opened[path] = Leaf(name, kind, private, private.copy(), array.dtype, scalar=not isinstance(value, np.ndarray))
    if not opened:
        raise InputError(_nothing_to_move(oracle, integers))
    return opened


def _check_names(point: Tree) -> None:
    """Refuse a point of which two leaves have the same name: each would be taken for the other."""
    known: dict[str, str] = {}
    for (path, _), place in zip(_tree.leaves(point), _tree.places(point), strict=True):
        name = path or "x"
        if name in known:
            msg = f"{known[name]} and {place} are both called {name}; give one of them another name"
            raise InputError(msg)
        known[name] = place


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


def guess_kind(name: str) -> str:
    """Return weight, bias or parameter, from the last part of a name: `layers[0].W`, `enc.bias_2`, `b1`."""
    last = name.rsplit(".", 1)[-1].split("[", maxsplit=1)[0].lower().rstrip("0123456789_")
    for kind, words in (("weight", WEIGHTS), ("bias", BIASES)):
        if last in words or any(last.endswith("_" + w) or last.startswith(w + "_") for w in words):
            return kind
    return "weight" if last.endswith("weight") else "bias" if last.endswith("bias") else "parameter"


def matched(point: Tree, gradient: Tree, leaves: Mapping[str, Leaf]) -> dict[str, Array]:
    """Return the arrays of a gradient under the names of the point's.

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
    return {path: _fitting(leaf, found[path]) for path, leaf in leaves.items()}


def _paired(point: Tree, gradient: Tree, path: str) -> Iterator[tuple[str, Any]]:
    below = _tree.children(point)
    if below is None:
        yield path, gradient
        return
    if gradient is None:
        return
    theirs = _parts_like(point, gradient, path)
    surplus = [key for key in theirs if key not in dict(below)]
    if surplus:
        names = ", ".join(repr(_tree.join(path, s)) for s in surplus)
        have = ", ".join(repr(_tree.join(path, s)) for s, _ in below)
        msg = f"the gradient has {names}, which the point has not (it has {have}); return exactly its names"
        raise InputError(msg)
    for step, child in below:
        yield from _paired(child, theirs.get(step), _tree.join(path, step))


def _parts_like(point: Tree, gradient: Tree, path: str) -> dict[str, Any]:
    """Return the children of a gradient, for which a list may also be an array or a tuple."""
    listed = isinstance(gradient, (list, tuple)) or (isinstance(gradient, np.ndarray) and gradient.ndim > 0)
    if isinstance(point, (list, tuple)) and listed:
        parts: list[Any] = list(gradient)
        steps = [step for step, _ in _tree.children(point) or ()]
        if len(parts) != len(steps):
            msg = f"the gradient of {path or 'the point'} has {len(parts)} parts where there are {len(steps)}"
            raise InputError(msg)
        return dict(zip(steps, parts, strict=True))
    below = _tree.children(gradient)
    if below is None:
        msg = (
            f"the gradient of {path or 'the point'} is {_describe(gradient)} where {_describe(point)} is needed; "
            "return the same structure as the point"
        )
        raise InputError(msg)
    return dict(below)


def _describe(thing: object) -> str:
    if isinstance(thing, np.ndarray):
        return f"an array of shape {thing.shape}"
    if isinstance(thing, Mapping):
        return f"a dict with {', '.join(map(repr, thing))}"
    return f"a {type(thing).__name__}"


def _fitting(leaf: Leaf, claim: object) -> Array:
    array = _as_array(claim)
    shape = leaf.array.shape
    if array.dtype.kind not in "fiub":
        msg = f"the gradient of {leaf.name} is {_describe(claim)} of dtype {array.dtype}; return real floats"
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
    return np.array(array, dtype=array.dtype if array.dtype.kind == "f" else np.float64)


# ------------------------------------------------------------------------------------- choosing an adapter


def choose(model: object, args: tuple[Any, ...], keywords: Mapping[str, Any]) -> Oracle:
    """Return the oracle of whatever the user handed in; raises InputError if no adapter knows it.

    An adapter of a framework is asked only if the user has imported that framework.
    """
    from gradcheck import _numpy  # noqa: PLC0415  adapters import this file

    if isinstance(model, Oracle):
        _check_alone(args, keywords)
        return model
    for framework, adapter in _ADAPTERS.items():
        if framework in sys.modules:
            oracle = adapter(model, args, keywords)
            if oracle is not None:
                return oracle
    return _numpy.oracle(model, args, keywords)


def _check_alone(args: tuple[Any, ...], keywords: Mapping[str, Any]) -> None:
    if args:
        msg = "an Oracle brings its own point, so further arguments mean nothing; put them into its point"
        raise InputError(msg)
    needless = ways(keywords) + ["loss"] * (keywords.get("loss") is not None)
    if needless:
        msg = f"an Oracle brings its own gradient; leave out {' and '.join(f'{w}=' for w in needless)}"
        raise InputError(msg)


_ADAPTERS: dict[str, Callable[..., Oracle | None]] = {}
