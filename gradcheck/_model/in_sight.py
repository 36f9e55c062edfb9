"""What does a function see and hold? By the names that it has in its code: `rate`, `cache['n']`, `self.params['W']`.

Looked through are what is around it, its defaults and attributes, the object whose method it is, and its class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from gradcheck._model import contents

MANY = 10_000  # places that are looked at
SELF = "self"  # what its object is called in the code of a method


@dataclass(frozen=True)
class Holder:
    """What holds something under a name: how to read it, and how to put something else there."""

    read: Callable[[], Any]
    write: Callable[[Any], object] | None = None


def is_data(thing: object) -> bool:
    """Return whether a thing is an array, a container, or a number or text."""
    return contents.is_a(thing, np.ndarray) or contents.container(thing) is not None or type(thing) in contents.ATOMS


def has_content(thing: object) -> bool:
    """Return whether a thing is data, or an object of the user's: no function, class, module or object of a library."""
    code = contents.is_a(thing, type, FunctionType, MethodType, ModuleType)
    return is_data(thing) or not (code or contents.of_library(type(thing)))


def in_sight(roots: Iterable[Any]) -> dict[str, Holder]:
    """Return what some functions and objects hold and see, by name; arrays and containers among them are arguments."""
    seen: set[int] = set()
    places: dict[str, Holder] = {}
    queue: list[tuple[str, Any]] = [(SELF, root) for root in roots if not is_data(root)]
    for name, thing in queue:  # which grows meanwhile
        if id(thing) in seen or type(thing) in contents.ATOMS:
            continue
        if len(places) > MANY:
            break
        seen.add(id(thing))
        held = dict(_held(name, thing))
        for below, place in held.items():
            places.setdefault(below, place)
        queue += [(below, place.read()) for below, place in held.items()]
        queue += [(SELF, part) for part in _behind(thing)]
    return places


def _behind(thing: Any) -> list[Any]:  # noqa: ANN401
    """Return what has a state and is no part of a thing: the object of a method, the class of an object."""
    if contents.is_a(thing, MethodType):
        return [thing.__self__, thing.__func__]
    if contents.is_a(thing, partial):
        return [thing.func]
    if is_data(thing) or not has_content(thing):
        return []
    methods = (method for cls in type(thing).__mro__ for method in vars(cls).values())
    return [*type(thing).__mro__, *(method for method in methods if contents.is_a(method, FunctionType))]


def _held(name: str, thing: Any) -> Iterator[tuple[str, Holder]]:  # noqa: ANN401
    if contents.is_a(thing, FunctionType, type):
        of = _of_function if contents.is_a(thing, FunctionType) else _of_class
        yield from () if contents.of_library(thing) else of(thing)
        return
    kind: Any = contents.container(thing)
    if kind is not None:
        parts = kind.items(thing) if issubclass(kind, dict) else enumerate(contents.elements(thing))
        yield from ((f"{name}[{key!r}]", Holder(partial(_part, kind, thing, key))) for key, _ in [*parts][:MANY])
    elif has_content(thing) and not is_data(thing):
        held = contents.attributes(thing) or {}
        yield from ((f"{name}.{key}", Holder(partial(held.get, key), partial(held.__setitem__, key))) for key in held)
        for slot, _ in contents.slots(thing):
            yield f"{name}.{slot.__name__}", Holder(partial(contents.slot, slot, thing), partial(slot.__set__, thing))


def _part(kind: Any, thing: Any, key: Any) -> Any:  # noqa: ANN401
    if issubclass(kind, dict):
        return kind.get(thing, key)
    parts = contents.elements(thing)
    return parts[key] if key < len(parts) else None


def _of_function(function: Any) -> Iterator[tuple[str, Holder]]:  # noqa: ANN401
    """Yield what a function finds around it, its defaults and its attributes."""
    code, around = function.__code__, function.__globals__
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=False):
        if contents.full(cell):
            yield name, Holder(partial(getattr, cell, "cell_contents"), partial(setattr, cell, "cell_contents"))
    for name in sorted(contents.named(function)):
        yield name, Holder(partial(around.get, name), partial(around.__setitem__, name))
    defaults = function.__defaults__ or ()
    names = code.co_varnames[code.co_argcount - len(defaults) : code.co_argcount]
    for name, value in {**dict(zip(names, defaults, strict=True)), **(function.__kwdefaults__ or {})}.items():
        yield name, Holder(partial(_itself, value))
    for key in vars(function):
        yield f"{function.__name__}.{key}", Holder(partial(vars(function).get, key), partial(setattr, function, key))


def _itself(value: Any) -> Any:  # noqa: ANN401
    return value


def _of_class(cls: Any) -> Iterator[tuple[str, Holder]]:  # noqa: ANN401
    for key, value in vars(cls).items():
        if not (key.startswith("__") or callable(value) or hasattr(type(value), "__get__")):
            yield f"{cls.__name__}.{key}", Holder(partial(vars(cls).get, key), partial(setattr, cls, key))
