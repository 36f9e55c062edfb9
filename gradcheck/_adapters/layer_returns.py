"""Which gradients of parameters does a way back return, beside those of the inputs or in the place of them?"""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradcheck._adapters.cotangent import is_float
from gradcheck._adapters.layer_parameters import GRADIENT, HeldNumbers, Parameter, candidates
from gradcheck._adapters.layer_places import LayerState, Place, at, in_place, inside
from gradcheck._adapters.recognise import quoted
from gradcheck._adapters.returned import Shape, UnmatchedError, assigned, numeric_parts, returned_names
from gradcheck._adapters.ways import Ways
from gradcheck._results.errors import InputError

CHANGED = (
    ", and holds no array that it leaves as it was: if it updates the parameters, leave that to another method, and "
    "return their gradients"
)


@dataclass
class Returned:
    """What a way back returned last, and the parameters and inputs whose gradients are in it."""

    places: Mapping[str, Place] | None  # by the names of inputs; None where these are all there is, in their order
    inputs: list[str]
    parameters: list[Parameter] = field(default_factory=list)
    last: list[Any] = field(default_factory=lambda: [None])

    @classmethod
    def of(
        cls,
        first: Any,  # noqa: ANN401
        call: tuple[Ways, tuple[Any, ...]],
        layers: Sequence[LayerState],
        stored: Sequence[Parameter],
        moves: Callable[[HeldNumbers], bool | None],
    ) -> Returned:
        """Return what is in a first thing that a call returns; raises InputError where that is not clear."""
        ways, args = call
        if not _has_more(first, args, sure=ways.network, alone=not stored):
            return cls(None, ways.inputs)
        if not numeric_parts(first):
            msg = (
                f"{quoted(layers[0].layer)}.{ways.names[1]} returned a {type(first).__name__}, in which no gradient is "
            )
            raise InputError(msg + "seen; return an array, a tuple, or a dict of them by name")
        of_inputs = {n: np.shape(arg) for n, arg in zip(ways.inputs, args, strict=True) if is_float(arg)}
        slots = candidates(layers, {math.prod(shape) for shape in numeric_parts(first)}, moves)
        shapes = of_inputs | {key: np.shape(slot.thing) for key, slot in slots.items() if key not in of_inputs}
        try:
            places = _places(first, ways, shapes, of_inputs)
        except UnmatchedError as error:
            if not _is_nested(first) and not ways.network and len(_several(first)) <= len(args):
                return cls(None, ways.inputs)  # of the inputs, in another shape: that is told of what is claimed
            names = [n for state in layers for n in _names(state)]
            raise InputError(_refused(layers[0].layer, ways, str(error), names)) from None
        made = cls({n: place for n, place in places.items() if n in of_inputs}, ways.inputs)
        for key, slot in slots.items():
            if key in places and key not in of_inputs:
                made.parameters.append(Parameter.of(key, slot, functools.partial(made.at, places[key])))
        made.last[0] = first
        return made

    def at(self, place: Place) -> Any:  # noqa: ANN401
        """Return what is at a place of what was returned last."""
        return at(self.last[0], place)

    def has(self, other: Parameter) -> bool:
        """Return whether a parameter is among those whose gradients are returned, be it under another name."""
        return any(other.key == mine.key or other.array is mine.array for mine in self.parameters)

    def of_inputs(self, result: Any) -> tuple[Any, ...]:  # noqa: ANN401
        """Remember what is returned now, and return the gradients of the inputs in it."""
        self.last[0] = result
        if self.places is None:
            return _several(result)
        return tuple(self.at(self.places[n]) if n in self.places else None for n in self.inputs)

    def others(self, stored: Sequence[Parameter]) -> list[str]:
        """Return the names of the parameters beside which another gradient is left than is returned."""
        left = {parameter.key: parameter.gradient() for parameter in stored}
        mine = {parameter.key: parameter.gradient() for parameter in self.parameters}
        return [key for key in left.keys() & mine.keys() if not np.array_equal(left[key], mine[key], equal_nan=True)]


def in_one_container(
    layers: Sequence[LayerState],
    between: Sequence[LayerState],
    stored: Sequence[Parameter],
    moves: Callable[[HeldNumbers], bool | None],
) -> list[Parameter]:
    """Return the parameters whose gradients are together in a list, tuple or dict that was set on the way back.

    It has `grad` in its name, and nothing in it is known by its place yet.
    """
    found: list[Parameter] = []
    for before in between:
        now = before.now()
        fresh = {place[0] for place in now.changed(before) if len(place) > 1 and GRADIENT in place[0].lower()}
        for step in sorted(fresh):
            read = functools.partial(at, now.layer, (step,))
            found += _within(read, layers, (*stored, *found), moves)
    return found


def _within(
    read: Callable[[], Any],
    layers: Sequence[LayerState],
    known: Sequence[Parameter],
    moves: Callable[[HeldNumbers], bool | None],
) -> list[Parameter]:
    """Return the parameters whose gradients are in a container."""
    thing = read()
    taken = {parameter.key for parameter in known}
    slots = candidates(layers, {math.prod(shape) for shape in numeric_parts(thing)}, moves)
    slots = {key: slot for key, slot in slots.items() if key not in taken}
    try:
        places = assigned(thing, {}, {key: np.shape(slot.thing) for key, slot in slots.items()})
    except UnmatchedError:
        return []  # they are named, as held fixed
    return [Parameter.of(key, slots[key], functools.partial(_part, read, place)) for key, place in places.items()]


def _part(read: Callable[[], Any], place: Place) -> Any:  # noqa: ANN401
    return at(read(), place)


def _places(
    first: Any,  # noqa: ANN401
    ways: Ways,
    shapes: Mapping[str, Shape],
    of_inputs: Mapping[str, Shape],
) -> dict[str, Place]:
    """Return the place of each gradient; those of a network are for its parameters, if they can be."""
    names = returned_names(ways.source)
    if ways.network:
        with contextlib.suppress(UnmatchedError):
            return assigned(first, names, {key: shape for key, shape in shapes.items() if key not in of_inputs})
    return assigned(first, names, shapes, of_inputs)


def _several(returned: Any) -> tuple[Any, ...]:  # noqa: ANN401
    return returned if isinstance(returned, tuple) else (returned,)


def _is_nested(returned: Any) -> bool:  # noqa: ANN401
    """Return whether there is more in what is returned than numbers, or a tuple of them."""
    return any(_is_named(part) or isinstance(part, tuple) for part in _several(returned))


def _is_named(part: Any) -> bool:  # noqa: ANN401
    """Return whether a thing holds gradients: a dict, an object of the user's, or a list of different shapes."""
    below = inside(part)
    ragged = isinstance(part, list) and len({np.shape(one) for one in below.values() if not inside(one)}) > 1
    return bool(below) and (not isinstance(part, list) or ragged or any(inside(one) for one in below.values()))


def _has_more(first: Any, args: tuple[Any, ...], *, sure: bool, alone: bool) -> bool:  # noqa: ANN401
    """Return whether what is returned may be more than a gradient for each input, in their order.

    One array of another shape than the input has may be the gradient of a parameter if it is `alone`.
    """
    several = _several(first)
    if first is None or not several:
        return False
    if not numeric_parts(first) and any(part is not None for part in several):
        return True
    if sure or len(several) > len(args) or _is_nested(first):
        return True
    fits = [g is None or np.shape(g) == np.shape(arg) for g, arg in zip(several, args, strict=False)]
    return (alone or len(several) > 1) and not all(fits)


def _names(state: LayerState) -> list[str]:
    """Return what the arrays of a layer are called that nothing has changed."""
    now = state.now()
    kept = {place: thing for place, thing in now.things.items() if place not in now.changed(state)}
    return [state.name(place) for place, thing in kept.items() if in_place(thing)]


def _refused(model: Any, ways: Ways, said: str, names: list[str]) -> str:  # noqa: ANN401
    """Say what is not clear of what was returned, and what to return."""
    if not names and not ways.inputs[: not ways.network]:
        return f"{quoted(model)}.{ways.names[1]} returned {said}{CHANGED}"
    like = ", ".join(f"{n!r}: d{n.rpartition('.')[2]}" for n in [*ways.inputs[: not ways.network], *names[:2]])
    beside = names[0] if names else "W"
    return (
        f"{quoted(model)}.{ways.names[1]} returned {said}; return them by name, {{{like}, ...}}, or leave each beside "
        f"its parameter, as self.d{beside.rpartition('.')[2]} beside self.{beside}"
    )
