"""What of its own does a function change from call to call? A counter, a mean that runs along, a rate that decays.

All that it sees is looked at before and after a call: what is around it, its defaults and attributes, its object and
the class of that. What changed is told only if the call gives the same again once that is put back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from gradcheck._model import contents
from gradcheck._model.ending import forgiven
from gradcheck._model.oracle import Array
from gradcheck._model.restore import Kept
from gradcheck._model.subject import Subject
from gradcheck._protocol.rounding import alike, eps_of

MANY = 10_000  # places that are looked at
SHOWN = 3  # that are named
SELF = "self"  # what its object is called in the code of a method


@dataclass(frozen=True)
class Holder:
    """What holds something under a name: how to read it, and how to put something else there."""

    read: Callable[[], Any]
    write: Callable[[Any], object] | None = None


def kept_in(subject: Subject, call: Callable[[], Array]) -> str:
    """Return the names of what a call changes and comes out otherwise by; nothing where it is anything else."""
    with forgiven():
        names = _blamed([thing for thing in subject.oracle.reach if not _is_data(thing)], call)
        return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
    return ""


def _blamed(roots: list[Any], call: Callable[[], Array]) -> list[str]:
    places = _places(roots)
    before = {name: place.read() for name, place in places.items()}
    kept, seen = Kept(*filter(_has_content, before.values())), {name: _looks(value) for name, value in before.items()}
    first, second = call(), call()
    changed = [name for name, place in places.items() if _looks(place.read()) != seen[name]]
    if not changed or alike(first, second, eps_of(first)):
        return []
    for name in changed:
        if (write := places[name].write) is not None:
            write(before[name])
    kept.put_back()
    again = call()
    if kept.failed or not alike(first, again, eps_of(first)):
        return []
    return [name for name in changed if not any(name.startswith((f"{other}.", f"{other}[")) for other in changed)]


def _is_data(thing: object) -> bool:
    return contents.is_a(thing, np.ndarray) or contents.container(thing) is not None or type(thing) in contents.ATOMS


def _has_content(thing: object) -> bool:
    code = contents.is_a(thing, type, FunctionType, MethodType, ModuleType)
    return _is_data(thing) or not (code or contents.of_library(type(thing)))


def _places(roots: list[Any]) -> dict[str, Holder]:
    """Return what some things hold and see, by the names that it has in their code."""
    seen: set[int] = set()
    places: dict[str, Holder] = {}
    queue: list[tuple[str, Any]] = [(SELF, root) for root in roots]
    for name, thing in queue:  # which grows meanwhile
        if id(thing) in seen or type(thing) in contents.ATOMS:
            continue
        if len(places) > MANY:
            break
        seen.add(id(thing))
        held = dict(_held(name, thing))
        places = held | places
        queue += [(below, place.read()) for below, place in held.items()]
        queue += [(SELF, part) for part in _behind(thing)]
    return places


def _behind(thing: Any) -> list[Any]:  # noqa: ANN401
    """Return what has a state and is no part of a thing: the object of a method, the class of an object."""
    if contents.is_a(thing, MethodType):
        return [thing.__self__, thing.__func__]
    if contents.is_a(thing, partial):
        return [thing.func]
    if _is_data(thing) or not _has_content(thing):
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
    elif _has_content(thing) and not _is_data(thing):
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


def _looks(value: Any) -> object:  # noqa: ANN401
    """Return what tells whether something is another thing now, or holds more; what is in it tells of itself."""
    if type(value) in contents.ATOMS:
        return type(value), repr(value)
    if contents.is_a(value, np.ndarray) and np.ndarray.dtype.__get__(value).kind != "O":
        return np.ndarray.tobytes(value)
    return id(value), len(contents.elements(value))
