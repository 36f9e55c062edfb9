"""Which numbers of a layer are its parameters, and where does its way back leave their gradients?

They are in `params`, with their gradients under the same names in `grads`; or they stay in their place, W, while the
way back sets dW, dLdW or W.grad: beside it, or at the same place of a list, a dict or an object beside its own. What
else the output depends on is held fixed, and is named.
"""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck._adapters.cotangent import is_float
from gradcheck._adapters.layer_places import LayerState, Place, at, in_place, like, put, same
from gradcheck._adapters.recognise import quoted
from gradcheck._model import contents
from gradcheck._model.claims import BESIDE, under_names
from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array
from gradcheck._model.rng import Pins
from gradcheck._results.errors import InputError

GRADIENT = "grad"  # what a list or an object of gradients has in its name, whatever that of the parameters is
PLURALS = ("", "s", "es")  # of a name, beside which its gradients may be called
MARKS = ("nabla", "grad", "delta", "d", "g")  # what a gradient is called with, before a name or a part of one
MOVED = (
    0.125  # by which share of itself, and by which number, an array is moved to see whether the output depends on it
)
GOLDEN = (math.sqrt(5) - 1) / 2  # of whose multiples no two have the same fraction


@dataclass(frozen=True)
class HeldNumbers:
    """A place in a layer that holds numbers, and those that it holds."""

    layer: Any
    place: Place
    thing: Any
    rebound: bool = False  # whether each call puts a new thing with the same numbers there

    @property
    def sure(self) -> bool:
        """Whether it holds nothing but an array of floating-point numbers that stays there."""
        return in_place(self.thing) and not self.rebound

    def write(self, numbers: Array) -> None:
        """Let the layer read other numbers."""
        if self.sure:
            self.thing[...] = numbers
        else:
            put(self.layer, self.place, like(self.thing, numbers))

    def put_back(self) -> None:
        """Put back the very thing that was there; the numbers in an array are put back by others."""
        if not self.sure:
            put(self.layer, self.place, self.thing)


@dataclass(frozen=True)
class Parameter:
    """One parameter of a layer: its name, where the layer reads it, its numbers, and where its gradient is."""

    key: str
    numbers: HeldNumbers
    array: Array
    gradient: Callable[[], Any]

    @classmethod
    def of(cls, key: str, numbers: HeldNumbers, gradient: Callable[[], Any]) -> Parameter:
        """Return the parameter that a slot holds: as floating-point numbers, whatever they are there."""
        thing = numbers.thing
        if not numbers.sure:
            thing = np.array(thing) if contents.is_a(thing, np.ndarray) and is_float(thing) else np.array(thing, float)
        return cls(key, numbers, thing, gradient)


def parameters(
    before: LayerState, between: LayerState, matters: Callable[[HeldNumbers], bool | None] = lambda _: None
) -> list[Parameter]:
    """Return the parameters of a layer that went forward, between, and back by now.

    What `matters` not, as that which an optimiser keeps, is none, whatever it is called.
    """
    own = [*_in_containers(before)]
    now = before.now()
    set_back = now.changed(between)
    kept = {place: slot for place, slot in _kept(before, now).items() if not _among(slot, own)}
    found = {place: of for place, slot in kept.items() if (of := _beside(slot, between)) is not None}
    others = [place for place in kept if place not in found]
    owners: dict[Place, list[Place]] = {}
    for gradient in set_back - set(found.values()):
        shape = now.numbers[gradient].shape
        called = [p for p in others if now.numbers[p].shape == shape and _belongs(gradient, p, plain=not shape)]
        called = [p for p in called if matters(kept[p]) is not False]
        if called:  # dWx belongs to Wx, not to W
            owners.setdefault(max(called, key=lambda place: len("".join(place))), []).append(gradient)
    found |= {place: gradients[0] for place, gradients in owners.items() if len(gradients) == 1}
    others = [place for place in others if place not in owners]
    found |= _by_abbreviation(now, {place: kept[place] for place in others}, set_back - set(found.values()), matters)
    for place in sorted((place for place in kept if place in found and place not in found.values()), key=len):
        if kept[place].sure or matters(kept[place]):
            there = functools.partial(at, before.layer, found[place])
            own.append(Parameter.of(before.name(place), kept[place], there))
    return own


def _by_abbreviation(
    now: LayerState,
    others: Mapping[Place, HeldNumbers],
    set_back: set[Place],
    matters: Callable[[HeldNumbers], bool | None],
) -> dict[Place, Place]:
    """Return where the gradients are that are called after a part of one name alone, as dW is beside weights."""
    of: dict[Place, list[Place]] = {}
    to: dict[Place, list[Place]] = {}
    for gradient in set_back:
        for place in others:
            if now.numbers[place].shape == now.numbers[gradient].shape and _abbreviates(gradient, place):
                of.setdefault(place, []).append(gradient)
                to.setdefault(gradient, []).append(place)
    single = {place: found[0] for place, found in of.items() if len(found) == 1 and len(to[found[0]]) == 1}
    return {place: gradient for place, gradient in single.items() if matters(others[place])}


def _abbreviates(gradient: Place, to: Place) -> bool:
    """Return whether a place is called after the beginning of another, or stands in a cache and is called after it."""
    if len(gradient) == len(to) + 1 == 2:  # cache["dW"] beside W
        return gradient[1][1:] in {beside.format(to[0][1:]) for beside in BESIDE}
    others = [(of, whose) for of, whose in zip(gradient, to, strict=False) if of != whose]
    if len(gradient) != len(to) or len(others) != 1 or "[" in {step[0] for step in others[0]}:
        return False
    of, whose = (step.rpartition("__")[2].lower().strip("._") for step in others[0])  # _Dense__W is private
    parts = {of.removeprefix(mark).strip("_") for mark in MARKS if of.startswith(mark)} - {""}
    return any(whose.startswith(part) for part in parts)


def candidates(
    layers: Sequence[LayerState], sizes: set[int], matters: Callable[[HeldNumbers], bool | None]
) -> dict[str, HeldNumbers]:
    """Return the numbers that layers keep and the output depends on, each once and by its name.

    What is no array that stays in its place is asked for only if it has one of some `sizes`.
    """
    found: dict[str, HeldNumbers] = {}
    for state in layers:
        for place, slot in _kept(state, state.now()).items():
            short = place[1:] if place[0] == ".params" and place[1][0] == "." else place
            numbers = np.array(slot.thing)
            if numbers.dtype.kind != "f" or not (slot.sure or numbers.size in sizes):
                continue
            if any(_is_same(slot, other) for other in found.values()):
                continue
            moves = matters(slot)
            if moves or (moves is None and slot.sure):
                found[state.name(short)] = slot
    return found


def _is_same(slot: HeldNumbers, other: HeldNumbers) -> bool:
    """Return whether two places hold the very same array."""
    return contents.is_a(slot.thing, np.ndarray) and slot.thing is other.thing


def left_out(run: Callable[[], Array], layers: Sequence[LayerState], own: Sequence[Parameter]) -> list[str]:
    """Return the names of arrays that the output depends on and that are no parameters; raises what ends a check."""
    candidates = {
        state.name(place): numbers
        for state in layers
        for place, numbers in _kept(state, state.now()).items()
        if np.size(numbers.thing) and not isinstance(numbers.thing, (int, float)) and not _among(numbers, own)
    }
    asked = {name for name, numbers in candidates.items() if numbers.sure}
    for whole in (False, True):  # the rest is mostly what forward keeps for the way back
        rest = {n: s for n, s in candidates.items() if not s.sure and (np.array(s.thing).dtype.kind == "i") is whole}
        if rest and matters(run, *rest.values()) is not False:
            asked |= {*rest}
    return [name for name, numbers in candidates.items() if name in asked and matters(run, numbers)]


def outputs(f: Callable[..., Any], args: tuple[Any, ...]) -> Callable[[], Array]:
    """Return a function that calls another one with the same arguments, and draws the same each time."""
    pins = Pins(f, *args)

    def run() -> Array:
        try:
            return np.array(f(*args))
        finally:
            pins.restore()

    return run


def matters(run: Callable[[], Array], *slots: HeldNumbers) -> bool | None:
    """Return whether the output is another one when numbers are moved; None where that cannot be told."""
    numbers = [np.array(slot.thing) for slot in slots]
    try:
        first, again = run(), run()
        for slot, of in zip(slots, numbers, strict=True):
            slot.write(np.asarray(of + MOVED * (1 + np.abs(of)) * _uneven(of.shape)))
        same_again = np.array_equal(first, again, equal_nan=True)
        return not np.array_equal(first, run(), equal_nan=True) if same_again else None
    except Exception as error:  # a note that cannot be made is left out
        if ends(error):
            raise
        return None
    finally:
        for slot, of in zip(slots, numbers, strict=True):
            with contextlib.suppress(TypeError):  # in a tuple nothing was put
                slot.write(of) if slot.sure else slot.put_back()


def _uneven(shape: tuple[int, ...]) -> Array:
    """Return different factors from 1 to 2: a softmax does not see all its biases moved alike."""
    return 1 + (GOLDEN * np.arange(math.prod(shape)) % 1).reshape(shape)


def _kept(before: LayerState, now: LayerState) -> dict[Place, HeldNumbers]:
    """Return the places whose numbers a call leaves as they were, even in a new array."""
    return {
        place: HeldNumbers(before.layer, place, thing, rebound=now.things[place] is not thing)
        for place, thing in before.things.items()
        if place in now.things and same(before.numbers[place], now.numbers[place])
    }


def _among(slot: HeldNumbers, own: Sequence[Parameter]) -> bool:
    """Return whether numbers are those of a parameter, or a part of them."""
    mine = [parameter.numbers.thing for parameter in own]
    if contents.is_a(slot.thing, np.ndarray):
        return any(contents.is_a(thing, np.ndarray) and np.may_share_memory(slot.thing, thing) for thing in mine)
    return any((p.numbers.layer, p.numbers.place) == (slot.layer, slot.place) for p in own)


def _in_containers(before: LayerState) -> Iterator[Parameter]:
    """Yield the parameters in `params`, whose gradients are under the same names in `grads`, or under dW for W."""
    layer = before.layer
    params, grads = (getattr(layer, name, None) for name in ("params", "grads"))
    if not (isinstance(params, (Mapping, Sequence)) and isinstance(grads, (Mapping, Sequence))):
        return
    keys = params.keys() if isinstance(params, Mapping) else range(len(params))
    for key in keys:
        thing = params[key]
        if type(thing) not in (float, np.float64) and not (contents.is_a(thing, np.ndarray) and is_float(thing)):
            continue
        if key not in _named(layer, keys):
            msg = f"params of {quoted(layer)} has {key!r}, and grads has nothing for it; give a gradient for each"
            raise InputError(msg)
        step = f".{key}" if isinstance(params, Mapping) else f"[{key}]"
        slot = HeldNumbers(layer, (".params", step), thing)
        name = before.name((step,) if isinstance(params, Mapping) else (".params", step))
        yield Parameter.of(name, slot, functools.partial(lambda key: _named(layer, keys)[key], key))


def _named(layer: Any, keys: Any) -> Mapping[Any, Any]:  # noqa: ANN401
    """Return what is in `grads` of a layer by now, by the name of what it belongs to."""
    grads = layer.grads
    return under_names(grads, [*keys]) if isinstance(grads, Mapping) else dict(enumerate(grads))


def _beside(slot: HeldNumbers, between: LayerState) -> Place | None:
    """Return where the gradient of an attribute is: of its shape, or of another one, or set on the way back."""
    if len(slot.place) > 1:
        return None
    layer, attributes, shape = between.layer, contents.held(between.layer), np.shape(slot.thing)
    there = [name for beside in BESIDE if hasattr(layer, name := beside.format(slot.place[0][1:]))]
    fits = [name for name in there if np.shape(getattr(layer, name)) == shape]
    fresh = [
        name
        for name in there
        if getattr(layer, name) is not None
        and between.attributes.get(name, contents.MISSING) is not attributes.get(name, getattr(layer, name))
    ]
    return next(((f".{name}",) for name in (*(fits if shape or slot.sure else ()), *fresh)), None)


def _belongs(gradient: Place, to: Place, *, plain: bool = False) -> bool:
    """Return whether a place is called after another one, as dLdW, dweights[0] and W.grad, beside W.data, are.

    A `plain` number is called so in the main only where its name says that it is a gradient.
    """
    if len(gradient) == len(to) + 1:  # in a dict of gradients, grads["W"] beside W, or in a subclass of arrays, W.grad
        if gradient[:-1] == to:
            return GRADIENT in gradient[-1].lower()
        return GRADIENT in gradient[0].lower() and (gradient[1:] == to or _belongs(gradient[1:], to))
    others = [(of, whose) for of, whose in zip(gradient, to, strict=False) if of != whose]
    if len(gradient) != len(to) or len(others) != 1 or "[" in {step[0] for step in others[0]}:
        return False
    of, whose = (step[1:].lower().lstrip("_") for step in others[0])
    stems = {whose.removesuffix(plural) + ending for plural in PLURALS for ending in PLURALS} - {"", of, *PLURALS}
    if plain and GRADIENT not in of:
        return of in {f"{of[0]}{stem}" for stem in stems} | {f"{of[0]}_{stem}" for stem in stems}
    if any(of.startswith(stem) or of.endswith(stem) for stem in stems):
        return True
    return len(to) > 1 and GRADIENT in of and GRADIENT not in whose
