"""Which arrays of a layer are its parameters, and where does its way back leave their gradients?

They are in `params`, with their gradients under the same names in `grads`; or an array stays in its place, W, while the
way back sets dW, dLdW or W.grad: beside it, or at the same place of a list, a dict or an object beside its own. What
else the output depends on is held fixed, and is named.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from gradcheck._adapters.cotangent import is_float
from gradcheck._adapters.recognise import quoted
from gradcheck._adapters.signatures import takes
from gradcheck._model import contents
from gradcheck._model.claims import BESIDE, under_names
from gradcheck._model.oracle import Array
from gradcheck._model.rng import Pins
from gradcheck._model.trees import join
from gradcheck._results.errors import InputError

Place = tuple[str, ...]  # the steps from a layer to an array in it: (".weights", "[0]")
GRADIENT = "grad"  # what a list or an object of gradients has in its name, whatever that of the parameters is
PLURALS = ("", "s", "es")  # of a name, beside which its gradients may be called
MOVED = (
    0.125  # by which share of itself, and by which number, an array is moved to see whether the output depends on it
)


@dataclass(frozen=True)
class Parameter:
    """One parameter of a layer: its name, the array that the layer reads, and where its gradient is."""

    key: str
    array: Array
    gradient: Callable[[], Any]
    put: Callable[[float], None] | None = None  # how another number takes its place, where it is no array

    def write(self, numbers: Any) -> None:  # noqa: ANN401
        """Let the layer read these numbers."""
        self.array[...] = numbers
        if self.put is not None:
            self.put(float(self.array))


@dataclass(frozen=True)
class LayerState:
    """A layer, where it is in the model, and what it held at one moment."""

    path: str
    layer: Any
    attributes: Mapping[str, Any]
    arrays: Mapping[Place, Array]
    numbers: Mapping[Place, Array]

    @classmethod
    def of(cls, path: str, layer: Any) -> LayerState:  # noqa: ANN401
        """Return what a layer holds now."""
        arrays = dict(_arrays(layer, (), set()))
        numbers = {place: array.copy() for place, array in arrays.items()}
        return cls(path, layer, _held(layer), arrays, numbers)

    def now(self) -> LayerState:
        """Return what the same layer holds by now."""
        return LayerState.of(self.path, self.layer)

    def changed(self, then: LayerState) -> set[Place]:
        """Return the places of the arrays that have been set, or filled, since then."""
        return {
            place
            for place, array in self.arrays.items()
            if then.arrays.get(place) is not array or not np.array_equal(then.numbers[place], array, equal_nan=True)
        }


def is_stateful(model: Any) -> bool:  # noqa: ANN401
    """Whether a thing goes forward, and then back with nothing but a cotangent, or with nothing at all."""
    goes = all(callable(getattr(model, way, None)) for way in ("forward", "backward"))
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
        inside = {f".{name}": part for name, part in _held(thing).items()}
    else:
        inside = _inside(thing)
    for step, part in inside.items():
        yield from layers_in(part, join(path, step), seen, depth + 1)


def parameters(
    before: LayerState, between: LayerState, matters: Callable[[Array], bool | None] = lambda _: None
) -> list[Parameter]:
    """Return the parameters of a layer that went forward, between, and back by now.

    What `matters` not, as that which an optimiser keeps, is none, whatever it is called.
    """
    own = [*_in_containers(before)]
    now = before.now()
    set_back, set_forward = now.changed(between), between.changed(before)
    kept = {
        place: array
        for place, array in before.arrays.items()
        if now.arrays.get(place) is array and place not in set_forward and not _among(array, own)
    }
    found = {place: of for place, array in kept.items() if (of := _beside(place, array, between)) is not None}
    others = [place for place in kept if place not in found]
    owners: dict[Place, list[Place]] = {}
    for gradient in set_back - set(found.values()):
        called = [p for p in others if _belongs(gradient, p) and kept[p].shape == now.arrays[gradient].shape]
        called = [p for p in called if matters(kept[p]) is not False]
        if called:  # dWx belongs to Wx, not to W
            owners.setdefault(max(called, key=lambda place: len("".join(place))), []).append(gradient)
    found |= {place: gradients[0] for place, gradients in owners.items() if len(gradients) == 1}
    for place in sorted((place for place in kept if place in found and place not in found.values()), key=len):
        there = functools.partial(_at, before.layer, found[place])
        own.append(Parameter(join(before.path, "".join(place)), kept[place], there))
    return [*own, *_numbers(before, between)]


def left_out(model: Any, args: tuple[Any, ...], layers: Sequence[LayerState], own: Sequence[Parameter]) -> list[str]:  # noqa: ANN401
    """Return the names of the arrays that the output depends on and that are no parameters; raises nothing."""
    forward = [(state, state.now()) for state in layers]
    candidates = {
        join(state.path, "".join(place)): array
        for state, now in forward
        for place, array in state.arrays.items()
        if place not in now.changed(state) and array.size and array.flags.writeable
        if not _among(array, own)
    }
    return [name for name, array in candidates.items() if matters(model, args, array)] if candidates else []


def matters(model: Any, args: tuple[Any, ...], array: Array) -> bool | None:  # noqa: ANN401
    """Return whether the output is another one when an array is moved; None where that cannot be told."""
    pins = Pins(model, *args)

    def run() -> Any:  # noqa: ANN401
        output = np.array(model.forward(*args))
        pins.restore()
        return output

    numbers = array.copy()
    try:
        first, again = run(), run()
        array[...] = numbers + MOVED * (1 + np.abs(numbers))
        same = np.array_equal(first, again, equal_nan=True)
        return not np.array_equal(first, run(), equal_nan=True) if same else None
    except Exception:  # noqa: BLE001  a note that cannot be made is left out
        return None
    finally:
        array[...] = numbers
        pins.restore()


def _among(array: Array, own: Sequence[Parameter]) -> bool:
    """Return whether an array is that of a parameter, or a part of it."""
    return any(np.may_share_memory(array, parameter.array) for parameter in own)


def _in_containers(before: LayerState) -> Iterator[Parameter]:
    """Yield the parameters in `params`, whose gradients are under the same names in `grads`, or under dW for W."""
    layer = before.layer
    params, grads = (getattr(layer, name, None) for name in ("params", "grads"))
    if not (isinstance(params, (Mapping, Sequence)) and isinstance(grads, (Mapping, Sequence))):
        return
    keys = params.keys() if isinstance(params, Mapping) else range(len(params))
    for key in keys:
        array = params[key]
        if type(array) is not np.ndarray or not is_float(array):
            continue
        if key not in _named(layer, keys):
            msg = f"params of {quoted(layer)} has {key!r}, and grads has nothing for it; give a gradient for each"
            raise InputError(msg)
        step = f".{key}" if isinstance(params, Mapping) else f".params[{key}]"
        yield Parameter(join(before.path, step), array, functools.partial(lambda key: _named(layer, keys)[key], key))


def _named(layer: Any, keys: Any) -> Mapping[Any, Any]:  # noqa: ANN401
    """Return what is in `grads` of a layer by now, by the name of what it belongs to."""
    grads = layer.grads
    return under_names(grads, [*keys]) if isinstance(grads, Mapping) else dict(enumerate(grads))


def _numbers(before: LayerState, between: LayerState) -> Iterator[Parameter]:
    """Yield the plain numbers of a layer beside which the way back has set another one: a bias may be one."""
    layer = before.layer
    for name, value in before.attributes.items():
        if type(value) is float and getattr(layer, name, None) is value:
            of = _beside((f".{name}",), np.array(value), between, anew=True)
            if of is not None:
                gradient = functools.partial(_at, layer, of)
                put = functools.partial(setattr, layer, name)
                yield Parameter(join(before.path, f".{name}"), np.array(value), gradient, put)


def _beside(place: Place, array: Array, between: LayerState, *, anew: bool = False) -> Place | None:
    """Return where the gradient of an attribute is: of its shape, or of another one, or `anew`, set on the way back."""
    if len(place) > 1:
        return None
    layer = between.layer
    there = [name for beside in BESIDE if hasattr(layer, name := beside.format(place[0][1:]))]
    fits = [name for name in there if np.shape(getattr(layer, name)) == array.shape]
    fresh = [
        name
        for name in there
        if getattr(layer, name) is not None
        and between.attributes.get(name, contents.MISSING) is not getattr(layer, name)
    ]
    return next(((f".{name}",) for name in (*([] if anew else fits), *fresh)), None)


def _belongs(gradient: Place, to: Place) -> bool:
    """Return whether a place is called after another one, as dLdW, dweights[0] and W.grad, beside W.data, are."""
    if len(gradient) == len(to) + 1:  # in a dict of gradients, grads["W"] beside W
        return GRADIENT in gradient[0].lower() and (gradient[1:] == to or _belongs(gradient[1:], to))
    others = [(of, whose) for of, whose in zip(gradient, to, strict=False) if of != whose]
    if len(gradient) != len(to) or len(others) != 1 or "[" in {step[0] for step in others[0]}:
        return False
    of, whose = (step[1:].lower().lstrip("_") for step in others[0])
    stems = {whose.removesuffix(plural) + ending for plural in PLURALS for ending in PLURALS} - {"", of, *PLURALS}
    if any(of.startswith(stem) or of.endswith(stem) for stem in stems):
        return True
    return len(to) > 1 and GRADIENT in of and GRADIENT not in whose


def _at(layer: Any, place: Place) -> Any:  # noqa: ANN401
    """Return what is at a place of a layer by now."""
    for step in place:
        layer = next(part for name, part in _inside(layer).items() if name == step)
    return layer


def _arrays(thing: Any, place: Place, seen: set[int]) -> Iterator[tuple[Place, Array]]:  # noqa: ANN401
    """Yield the arrays of floating-point numbers in a layer, but for those of the layers in it, with their places."""
    if type(thing) is np.ndarray:
        if is_float(thing):
            yield place, thing
        return
    if id(thing) in seen or len(place) > contents.DEPTH or (place and is_stateful(thing)):
        return
    seen.add(id(thing))
    for step, part in _inside(thing).items():
        yield from _arrays(part, (*place, step), seen)


def _inside(thing: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return what a container, or an object of a class of the user's, holds, each with the step that leads to it."""
    if isinstance(thing, Mapping):
        return {f".{key}": part for key, part in thing.items()}
    if isinstance(thing, (list, tuple)):
        return {f"[{n}]": part for n, part in enumerate(thing)}
    foreign = callable(thing) or (contents.of_library(type(thing)) and type(thing) is not SimpleNamespace)
    return {f".{name}": part for name, part in _held(thing).items()} if is_stateful(thing) or not foreign else {}


def _held(thing: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the attributes of an object, those in slots as well."""
    slots = {member.__name__: part for member, part in contents.slots(thing) if part is not contents.MISSING}
    return {**(contents.attributes(thing) or {}), **slots}
