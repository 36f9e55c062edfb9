"""Which attributes does a class compute from the others when it is made? With other numbers they are recomputed.

A record may keep the sum of its weights, the inverse of its covariance or a length, written in `__post_init__`. It is
made again twice, with the numbers that it has and with others: what comes out the same, and then another, is computed.
"""

from __future__ import annotations

import dataclasses
import functools
import pickle
from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from gradcheck._model.contents import attributes, full, written_in_python
from gradcheck._model.ending import forgiven

ANOTHER = 1 + 2.0**-10  # times what a number is: another one, of the same sign and size

CODE = (FunctionType, MethodType)

_known: WeakKeyDictionary[type, frozenset[str]] = WeakKeyDictionary()  # it is the same for all objects of a class


def computed(thing: Any) -> frozenset[str]:  # noqa: ANN401
    """Return the attributes that the class of a thing computes from its other numbers."""
    kind = type(thing)
    known = _known.get(kind)
    if known is None:
        known = _found(thing) if _computes(kind) else frozenset()
        if known is not None:
            _known[kind] = known
    return known or frozenset()


def stuck(thing: Any) -> list[str]:  # noqa: ANN401
    """Return the numbers that a class may have computed, and cannot recompute: it is not made of its fields alone."""
    if computed(thing) or not (_is_record(thing) and _computes(type(thing))):
        return []
    make, given = _parts(thing)
    with forgiven():
        make(given)
        return []
    beside = {name: value for name, value in (attributes(thing) or {}).items() if name not in _fields(thing)}
    return [name for name, value in beside.items() if _moved(value) is not value]


def renew(twin: Any, of: Any) -> None:  # noqa: ANN401
    """Recompute, in the copy of a thing that has other numbers now, what its class computes of them."""
    names = computed(of)
    if names:
        make, given = _parts(twin)
        made = make(given)
        for name in names:
            object.__setattr__(twin, name, getattr(made, name))  # frozen, and ours


def _computes(kind: Any) -> bool:  # noqa: ANN401
    """Return whether a class may compute something when an object of it is made."""
    if issubclass(kind, (dict, list)):
        return any("__init__" in vars(cls) for cls in kind.__mro__ if written_in_python(cls))
    params = getattr(kind, "__dataclass_params__", None)
    if params is not None:
        return hasattr(kind, "__post_init__") or not params.init
    fields = getattr(kind, "__attrs_attrs__", ())
    return hasattr(kind, "__attrs_post_init__") or not all(field.init for field in fields)


def _found(thing: Any) -> frozenset[str] | None:  # noqa: ANN401
    """Return what is computed; None where there is no number to tell by."""
    make, given = _parts(thing)
    names = _names(thing) - {*given}
    if not names:
        return frozenset()
    with forgiven():
        others = {name: _moved(value) for name, value in given.items()}
        if all(others[name] is value for name, value in given.items()):
            return None
        again, moved = make(given), make(others)
        took = _parts(moved)[1]
        if all(_same(took[name], other) for name, other in others.items()):
            kept = {name for name in names if _same(getattr(thing, name), getattr(again, name))}
            return frozenset(name for name in kept if _follows(getattr(again, name), getattr(moved, name)))
    return frozenset()  # it cannot be made so, or not of these numbers


def _parts(thing: Any) -> tuple[Callable[[dict[Any, Any]], Any], dict[Any, Any]]:  # noqa: ANN401
    """Return how a thing is made, and of what."""
    kind = type(thing)
    if issubclass(kind, dict):
        return kind, dict(thing)
    if issubclass(kind, list):
        return lambda parts: kind(parts.values()), dict(enumerate(thing))
    if dataclasses.is_dataclass(kind):
        given = [f.name for f in dataclasses.fields(thing) if f.init]
        return lambda parts: kind(**parts), {name: getattr(thing, name) for name in given}
    fields = [field for field in kind.__attrs_attrs__ if field.init]
    aliases = {field.name: field.alias for field in fields}
    return (
        lambda parts: kind(**{aliases[name]: part for name, part in parts.items()}),
        {field.name: getattr(thing, field.name) for field in fields},
    )


def _is_record(thing: Any) -> bool:  # noqa: ANN401
    """Return whether a thing is a dataclass or an object of attrs."""
    return not isinstance(thing, type) and hasattr(type(thing), "__attrs_attrs__") | dataclasses.is_dataclass(thing)


def _names(thing: Any) -> set[str]:  # noqa: ANN401
    """Return what a thing holds by name; not what it computes when it is asked."""
    kind = type(thing)
    held = {*(attributes(thing) or {}), *(name for name in _fields(thing) if hasattr(thing, name))}
    return {name for name in held if not isinstance(getattr(kind, name, None), functools.cached_property)}


def _fields(thing: Any) -> list[str]:  # noqa: ANN401
    of_attrs = getattr(type(thing), "__attrs_attrs__", ())
    return [field.name for field in (dataclasses.fields(thing) if dataclasses.is_dataclass(thing) else of_attrs)]


def _moved(value: Any) -> Any:  # noqa: ANN401
    """Return other numbers in the place of some, in any depth; the thing itself if there is none in it."""
    if isinstance(value, np.ndarray):
        return value * value.dtype.type(ANOTHER) if value.dtype.kind in "fc" else value
    if isinstance(value, (float, np.floating)):
        return type(value)(value * ANOTHER)
    if type(value) is tuple:
        parts = [*value]
        others = _moved(parts)
        return value if others is parts else tuple(others)
    if not isinstance(value, (dict, list)) and not _is_record(value):
        return value
    make, given = _parts(value)
    moved = {name: _moved(part) for name, part in given.items()}
    return value if all(moved[name] is part for name, part in given.items()) else make(moved)


def _same(a: Any, b: Any) -> bool:  # noqa: ANN401
    """Return whether two things hold the same numbers; of things that cannot be written down it is not known."""
    if a is b:
        return True
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and a.dtype.kind in "fciub":
        return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
    if isinstance(a, CODE) and type(a) is type(b):
        return _same_code(a, b)
    with forgiven():
        return type(a) is type(b) and pickle.dumps(a) == pickle.dumps(b)
    return False


def _same_code(a: Any, b: Any) -> bool:  # noqa: ANN401
    """Return whether two functions are alike: of the same code, and of the same numbers or each of its own record."""
    if isinstance(a, MethodType):
        return a.__func__ is b.__func__ and type(a.__self__) is type(b.__self__)
    cells = zip(a.__closure__ or (), b.__closure__ or (), strict=False)
    pairs = [(x.cell_contents, y.cell_contents) for x, y in cells if full(x) and full(y)]
    alike = all(_same(x, y) or (type(x) is type(y) and _is_record(x)) for x, y in pairs)
    return a.__code__ is b.__code__ and alike


def _follows(again: Any, moved: Any) -> bool:  # noqa: ANN401
    """Return whether something follows the numbers; a whole number, such as a length, is computed whether or not."""
    if isinstance(again, CODE):
        return again is not moved  # it sees another record
    return not _same(again, moved) or isinstance(again, (int, np.integer))
