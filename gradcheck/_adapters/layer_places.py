"""Which numbers does a layer hold, where do they lie in it, and how are others put there?

They are arrays, of subclasses and of whole numbers as well, plain numbers, and lists of them; in lists, dicts and
objects of the user's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from gradcheck._adapters.cotangent import is_float
from gradcheck._adapters.signatures import takes
from gradcheck._model import contents
from gradcheck._model.movable import is_masked
from gradcheck._model.oracle import Array
from gradcheck._model.restore import known_whole
from gradcheck._model.trees import join

Place = tuple[str, ...]  # the steps from a layer to numbers in it: (".weights", "[0]")


@dataclass(frozen=True)
class LayerState:
    """A layer, where it is in the model, and what it held at one moment."""

    path: str
    layer: Any
    attributes: Mapping[str, Any]
    things: Mapping[Place, Any]  # arrays, plain numbers, and lists of them
    numbers: Mapping[Place, Array]

    @classmethod
    def of(cls, path: str, layer: Any) -> LayerState:  # noqa: ANN401
        """Return what a layer holds now."""
        things = dict(_numeric(layer, (), set()))
        numbers = {place: np.array(thing) for place, thing in things.items()}
        return cls(path, layer, contents.held(layer), things, numbers)

    def now(self) -> LayerState:
        """Return what the same layer holds by now."""
        return LayerState.of(self.path, self.layer)

    def changed(self, then: LayerState) -> set[Place]:
        """Return the places of the numbers that have been set, or filled, since then."""
        return {
            place
            for place, thing in self.things.items()
            if then.things.get(place) is not thing or not same(then.numbers[place], self.numbers[place])
        }

    def name(self, place: Place) -> str:
        """Return what the numbers at a place are called in the model."""
        return join(self.path, "".join(place))


def is_stateful(model: Any) -> bool:  # noqa: ANN401
    """Whether a thing goes forward, and then back with nothing but a cotangent, or with nothing at all."""
    try:
        goes = all(callable(getattr(model, way, None)) for way in ("forward", "backward"))
    except Exception:  # noqa: BLE001  what is within a layer may answer anything
        return False
    return goes and not isinstance(model, type) and (takes(model.backward, 1) is not False or begins(model))


def begins(model: Any) -> bool:  # noqa: ANN401
    """Whether the way back begins at a thing, and takes no cotangent."""
    return takes(model.backward, 0) is True


def layers_in(thing: Any, path: str, seen: set[int], depth: int = 0) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Yield the layers that a layer is made of, itself the first, each once and with its place."""
    if id(thing) in seen or depth > contents.DEPTH:
        return
    seen.add(id(thing))
    if is_stateful(thing):
        yield path, thing
    for step, part in inside(thing).items():
        yield from layers_in(part, join(path, step), seen, depth + 1)


def held_by(thing: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
    """Return a thing that holds parameters, and the layers in it, each once and with its place."""
    return [*([] if is_stateful(thing) else [("", thing)]), *layers_in(thing, "", set())]


def objects_in(thing: Any) -> list[Any]:  # noqa: ANN401
    """Return the objects with attributes that a thing is made of, itself the last: what a call may set anything in."""
    found: list[Any] = []
    _gather(thing, found, set(), 0)
    return found


def _gather(thing: Any, found: list[Any], seen: set[int], depth: int) -> None:  # noqa: ANN401
    if id(thing) in seen or depth > contents.DEPTH:
        return
    seen.add(id(thing))
    for part in inside(thing).values():
        _gather(part, found, seen, depth + 1)
    of = type(thing)
    users = contents.written_in_python(of) and not contents.of_library(of) and not issubclass(of, np.ndarray)
    if depth == 0 or ((users or of is SimpleNamespace) and known_whole(thing)):
        found.append(thing)


def same(a: Array, b: Array) -> bool:
    """Return whether two arrays have the same numbers, or none in the same places."""
    return np.array_equal(a, b, equal_nan=a.dtype.kind == "f" and b.dtype.kind == "f")


def at(layer: Any, place: Place) -> Any:  # noqa: ANN401
    """Return what is at a place of a layer by now."""
    for step in place:
        layer = inside(layer)[step]
    return layer


def put(layer: Any, place: Place, thing: Any) -> None:  # noqa: ANN401
    """Put something else at a place of a layer; raises TypeError where nothing can be put, as in a tuple."""
    above, step = at(layer, place[:-1]), place[-1]
    if isinstance(above, Mapping):
        key = next(key for key in above if f".{key}" == step)
        above[key] = thing  # type: ignore[index]
    elif step.startswith("["):
        above[int(step[1:-1])] = thing
    else:
        setattr(above, step[1:], thing)


def inside(thing: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return what a container, or an object of a class of the user's, holds, each with the step that leads to it."""
    try:
        return _inside(thing)
    except Exception:  # noqa: BLE001  what cannot be looked into holds nothing that is known
        return {}


def _inside(thing: Any) -> dict[str, Any]:  # noqa: ANN401
    if issubclass(type(thing), Mapping):
        return {f".{key}": part for key, part in thing.items()} | _attributes(thing)
    if contents.is_a(thing, list, tuple) or (type(thing) is np.ndarray and thing.ndim == 1 and thing.dtype.kind == "O"):
        return {f"[{n}]": part for n, part in enumerate(thing)} | _attributes(thing)
    called = callable(thing) and not contents.written_in_python(type(thing))
    foreign = called or (contents.of_library(type(thing)) and type(thing) is not SimpleNamespace)
    return _attributes(thing) if is_stateful(thing) or not foreign else {}


def _attributes(thing: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the attributes of an object, those of a list of the user's own class as well, with the steps to them."""
    return {f".{name}": part for name, part in contents.held(thing).items()}


def in_place(thing: Any) -> bool:  # noqa: ANN401
    """Return whether other floating-point numbers can be written into a thing itself."""
    return contents.is_a(thing, np.ndarray) and is_float(thing) and bool(thing.flags.writeable)


def like(thing: Any, numbers: Array) -> Any:  # noqa: ANN401
    """Return numbers in the form of those that they take the place of."""
    if isinstance(thing, list):
        return numbers.tolist()
    if contents.is_a(thing, np.ndarray):
        return numbers.copy()
    return type(thing)(numbers) if isinstance(thing, np.floating) else numbers.item()


def _numeric(thing: Any, place: Place, seen: set[int]) -> Iterator[tuple[Place, Any]]:  # noqa: ANN401
    """Yield the numbers in a layer, except for those of the layers in it, with their places."""
    if place and _is_numeric(thing):
        yield place, thing
        if type(thing) is np.ndarray or not contents.is_a(thing, np.ndarray):
            return
    if id(thing) in seen or len(place) > contents.DEPTH or (place and is_stateful(thing)):
        return
    seen.add(id(thing))
    for step, part in inside(thing).items():
        yield from _numeric(part, (*place, step), seen)


def _is_numeric(thing: Any) -> bool:  # noqa: ANN401
    """Return whether a thing is an array of numbers, a plain number, or a list of nothing else."""
    if contents.is_a(thing, np.ndarray):
        return thing.dtype.kind in "fi" and not is_masked(thing)
    if contents.is_a(thing, list) and thing:
        return _floats(thing) and np.ndim(_regular(thing)) > 0
    return type(thing) in (float, int) or contents.is_a(thing, np.floating)


def _floats(things: list[Any]) -> bool:
    """Return whether lists hold plain numbers alone, and one of them a floating-point one."""
    kinds = {type(part) for part in things}
    if kinds == {list}:
        return all(_floats(part) for part in things)
    return kinds <= {float, int, np.float64} and kinds != {int}


def _regular(things: list[Any]) -> Any:  # noqa: ANN401
    """Return lists as an array; a number where they are of different lengths."""
    try:
        return np.array(things, dtype=float)
    except ValueError:
        return 0.0
