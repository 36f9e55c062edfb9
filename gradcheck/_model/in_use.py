"""Is a model being checked already, in another thread? Its arrays are moved during a check, so two would collide."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import is_dataclass
from functools import partial
from types import FunctionType, MethodType
from typing import Any

import numpy as np

from gradcheck._model import contents
from gradcheck._results.errors import InputError

PARTS = ("params", "_parameters", "_modules")  # of an object of the user's, and of a module of PyTorch
_LOCK = threading.Lock()
_OWNERS: dict[int, tuple[int, int]] = {}  # by the identity of a model: the thread that checks it, and how many times


@contextmanager
def alone(model: object, given: Iterable[object] = ()) -> Iterator[None]:
    """Keep a model from being checked in another thread meanwhile; raises InputError where it is already.

    What it is `given` is copied, and may be everybody's, also where the model holds it from a call before.
    """
    states = {id(thing): thing for thing in _states(model, given)}
    held: list[int] = []
    try:
        with _LOCK:
            for key, thing in states.items():
                _take(key, thing)
                held.append(key)
        yield
    finally:
        with _LOCK:
            for key in held:
                _give_back(key)


def _take(key: int, thing: object) -> None:
    own = threading.get_ident()
    owner, times = _OWNERS.get(key, (own, 0))
    if owner != own:
        array = contents.is_a(thing, np.ndarray)
        what = "a model with the same array" if array else f"this {type(thing).__name__}"
        msg = (
            f"{what} is being checked in another thread, and its parameters are moved meanwhile; "
            "check one after the other, or a copy of it in each thread (copy.deepcopy)"
        )
        raise InputError(msg)
    _OWNERS[key] = own, times + 1


def _give_back(key: int) -> None:
    owner, times = _OWNERS.pop(key)
    if times > 1:
        _OWNERS[key] = owner, times - 1


def _states(model: object, given: Iterable[object]) -> Iterator[object]:
    """Yield the objects behind a model that have a state of their own, such as that whose method it is."""
    kind = type(model)
    if kind is MethodType:
        yield from _states(model.__self__, given)  # type: ignore[attr-defined]
    elif kind is FunctionType:
        cells = (cell.cell_contents for cell in model.__closure__ or () if contents.full(cell))  # type: ignore[attr-defined]
        for held in cells:
            if _has_parameters(held):
                yield held
                yield from _moved(held, {id(held)}, contents.DEPTH)
    elif issubclass(kind, partial):
        yield from _states(model.func, given)  # type: ignore[attr-defined]
    elif not _is_value(model):
        yield model
        yield from _moved(model, {id(model), *map(id, given)}, contents.DEPTH)


def _moved(model: object, seen: set[int], depth: int) -> Iterator[object]:
    """Yield what a check of a model moves that another may hold as well: its parameters, and the models within it.

    All arrays of a layer are moved that has a way back, to see which of them its output depends on.
    """
    held = contents.attributes(model) or {}
    named = [held[name] for name in PARTS if name in held]
    for part in named or (held.values() if _has(model, "backward") else ()):
        yield from _met(part, seen, depth)


def _met(part: object, seen: set[int], depth: int) -> Iterator[object]:
    if id(part) in seen or not depth:
        return
    seen.add(id(part))
    if contents.is_a(part, np.ndarray):
        yield _memory(part)
    elif contents.container(part) is not None:
        for each in contents.elements(part):
            yield from _met(each, seen, depth - 1)
    elif _has_parameters(part) or _has(part, "backward"):
        yield part
        yield from _moved(part, seen, depth - 1)


def _memory(array: np.ndarray[Any, Any]) -> object:
    """Return whose memory an array lies in: of a view it is another array's."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _has_parameters(thing: Any) -> bool:  # noqa: ANN401
    """Return whether a thing that a function holds is itself a model."""
    held = contents.attributes(thing) or {}
    return _has(thing, "state_dict") or type(held.get("params")) is dict


def _has(thing: object, method: str) -> bool:
    """Return whether the class of a thing defines a method, without asking it."""
    return any(method in vars(cls) for cls in type(thing).__mro__)


def _is_value(model: object) -> bool:
    """Return whether a model cannot change: a class, a wrapper of a library, a frozen record."""
    kind = type(model)
    frozen = is_dataclass(kind) and kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    of_library = contents.of_library(kind) and not _has_parameters(model)
    return isinstance(model, type) or frozen or of_library or contents.attributes(model) is None
