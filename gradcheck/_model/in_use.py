"""Is a model being checked already, in another thread? Its arrays are moved during a check, so two would collide."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import is_dataclass
from functools import partial
from types import FunctionType, MethodType
from typing import Any

from gradcheck._model import contents
from gradcheck._results.errors import InputError

_LOCK = threading.Lock()
_OWNERS: dict[int, tuple[int, int]] = {}  # by the identity of a model: the thread that checks it, and how many times


@contextmanager
def alone(model: object) -> Iterator[None]:
    """Keep a model from being checked in another thread meanwhile; raises InputError where it is already."""
    states = {id(thing): thing for thing in _states(model)}
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
        name = type(thing).__name__
        msg = (
            f"this {name} is being checked in another thread, and its parameters are moved meanwhile; "
            "check one after the other, or a copy of it in each thread (copy.deepcopy)"
        )
        raise InputError(msg)
    _OWNERS[key] = own, times + 1


def _give_back(key: int) -> None:
    owner, times = _OWNERS.pop(key)
    if times > 1:
        _OWNERS[key] = owner, times - 1


def _states(model: object) -> Iterator[object]:
    """Yield the objects behind a model that have a state of their own, such as that whose method it is."""
    kind = type(model)
    if kind is MethodType:
        yield from _states(model.__self__)  # type: ignore[attr-defined]
    elif kind is FunctionType:
        cells = (cell.cell_contents for cell in model.__closure__ or () if contents.full(cell))  # type: ignore[attr-defined]
        yield from (held for held in cells if _has_parameters(held))
    elif issubclass(kind, partial):
        yield from _states(model.func)  # type: ignore[attr-defined]
    elif not _is_value(model):
        yield model


def _has_parameters(thing: Any) -> bool:  # noqa: ANN401
    """Return whether a thing that a function holds is itself a model."""
    held = contents.attributes(thing) or {}
    return any("state_dict" in vars(cls) for cls in type(thing).__mro__) or type(held.get("params")) is dict


def _is_value(model: object) -> bool:
    """Return whether a model cannot change: a class, a wrapper of a library, a frozen record."""
    kind = type(model)
    frozen = is_dataclass(kind) and kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    of_library = contents.of_library(kind) and not _has_parameters(model)
    return isinstance(model, type) or frozen or of_library or contents.attributes(model) is None
