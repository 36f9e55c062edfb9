"""What does a thing hold? Read by the methods of its base type, so that no code of its own runs.

A class may forbid `clear`, raise in `__len__`, or answer every attribute; a proxy may be dead. `isinstance` and
`getattr` run code of the object, so neither is used here.
"""

from __future__ import annotations

import functools
import sys
import weakref
from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterable, Iterator
from types import (
    ClassMethodDescriptorType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
    SimpleNamespace,
    WrapperDescriptorType,
)
from typing import Any, TypeGuard, TypeVar

import numpy as np

T = TypeVar("T")

DEPTH = 8  # containers and objects within one another that are searched
# Whose functions and objects are not looked into.
LIBRARIES = sys.stdlib_module_names | {"numpy", "scipy", "torch", "jax", "jaxlib", "flax", "equinox", "haiku", "keras"}
ADAPTERS = "gradcheck._adapters."
CONTAINERS: tuple[type, ...] = (OrderedDict, dict, list, tuple, deque, set, frozenset)  # an OrderedDict is a dict
WHOLE = {*CONTAINERS, defaultdict, SimpleNamespace, np.ndarray, object}  # written in C, and of known state
ATOMS = {int, float, complex, str, bytes, bool, type(None), np.float64}
HEAP = 1 << 9  # Py_TPFLAGS_HEAPTYPE, of all classes that are made while Python runs
WRITTEN_IN_C = (GetSetDescriptorType, MethodDescriptorType, ClassMethodDescriptorType, WrapperDescriptorType)
MISSING = object()  # in a slot to which nothing was given yet


def is_a(thing: object, *kinds: type[T]) -> TypeGuard[T]:
    """Return whether the real type of an object is one of some classes, whatever `__class__` says."""
    return issubclass(type(thing), kinds)


def container(thing: object) -> type | None:
    """Return which built-in container a thing is, or inherits from."""
    cls = type(thing)
    for kind in CONTAINERS:
        if issubclass(cls, kind):
            return kind
    return None


def elements(thing: Any) -> list[Any]:  # noqa: ANN401
    """Return what stands in a container, the values of a mapping; nothing for anything else."""
    kind: Any = container(thing)
    if kind is None:
        return []
    return [*(kind.values(thing) if issubclass(kind, dict) else kind.__iter__(thing))]


def attributes(thing: object) -> dict[str, Any] | None:
    """Return the very dict of a thing's attributes; None if it has none."""
    try:
        held = object.__getattribute__(thing, "__dict__")
    except Exception:  # noqa: BLE001  a class may make a property of it
        return None
    return held if type(held) is dict else None


def slots(thing: object) -> Iterator[tuple[MemberDescriptorType, Any]]:
    """Yield the slots of a thing that are declared in Python, outside of libraries, each with what is in it."""
    for cls in type(thing).__mro__:
        if not of_library(cls) and written_in_python(cls):
            for member in vars(cls).values():
                if type(member) is MemberDescriptorType:
                    yield member, slot(member, thing)


def held(thing: object) -> dict[str, Any]:
    """Return what a thing holds by name: its attributes, and what was put in its slots."""
    filled = {member.__name__: part for member, part in slots(thing) if part is not MISSING}
    return {**(attributes(thing) or {}), **filled}


def slot(member: MemberDescriptorType, thing: object) -> Any:  # noqa: ANN401
    """Return what is in a slot of a thing, MISSING where nothing was put yet."""
    try:
        return member.__get__(thing, type(thing))
    except AttributeError:
        return MISSING


def written_in_python(cls: type) -> bool:
    """Return whether a class is the work of a `class` statement: it has no method or attribute written in C."""
    if not cls.__flags__ & HEAP:
        return False
    return not any(
        isinstance(member, WRITTEN_IN_C) and member.__objclass__ is cls and name not in {"__dict__", "__weakref__"}
        for name, member in vars(cls).items()
    )


def is_known(cls: type) -> bool:
    """Return whether all that an object of this class is made of can be seen: elements, attributes and slots."""
    return all(base in WHOLE or written_in_python(base) for base in cls.__mro__)


def of_library(thing: object) -> bool:
    """Return whether a class or function belongs to Python, NumPy or a framework, not to the user."""
    try:
        home = thing.__module__
    except Exception:  # noqa: BLE001  it may be a property
        return False
    made = home == "builtins" and is_a(thing, type) and bool(thing.__flags__ & HEAP)  # extension types have none
    return str(home).partition(".")[0] in LIBRARIES and not made


def reachable(roots: Iterable[object]) -> Iterator[object]:
    """Yield what some things hold and see, the nearest first."""
    seen: set[int] = set()
    queue = deque((root, 0) for root in roots)  # breadth first: the shortest way to a thing counts
    while queue:
        thing, depth = queue.popleft()
        if id(thing) in seen or depth > DEPTH or _of_numbers(thing) or type(thing) in weakref.ProxyTypes:
            continue
        seen.add(id(thing))
        yield thing
        queue.extend((part, depth + 1) for part in parts(thing) if type(part) not in ATOMS)


def _of_numbers(thing: Any) -> bool:  # noqa: ANN401
    return is_a(thing, np.ndarray) and np.ndarray.dtype.__get__(thing).kind != "O"


def parts(thing: Any) -> list[Any]:  # noqa: ANN401
    """Return what a thing holds or, if it is a function of the user's, sees."""
    if is_a(thing, np.ndarray):
        return [] if _of_numbers(thing) else [*np.ndarray.view(thing, np.ndarray).flat]
    if is_a(thing, functools.partial):
        return [thing.func, *thing.args, *thing.keywords.values()]
    if is_a(thing, MethodType):
        return [thing.__self__, thing.__func__]
    if is_a(thing, ModuleType) or is_a(thing, type) or (is_a(thing, FunctionType) and of_library(thing)):
        return []
    if is_a(thing, FunctionType):
        return _captured(thing)
    held = attributes(thing) or {}
    return [*elements(thing), *(value for _, value in slots(thing)), *held.values()]


def _captured(function: FunctionType) -> list[object]:
    """Return what a function sees: defaults, closure, and the globals that it, or a function inside it, names.

    The globals of our own adapters hold nothing of the user's, what is around his function does.
    """
    cells = [c.cell_contents for c in function.__closure__ or () if full(c)]
    defaults = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    if str(function.__module__).startswith(ADAPTERS):
        return [*defaults, *cells]
    return [*defaults, *cells, *(function.__globals__[n] for n in named(function))]


def named(function: FunctionType) -> set[str]:
    """Return the globals that a function, or one inside it, names."""
    names: set[str] = set()
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        names.update(code.co_names)
        codes.extend(c for c in code.co_consts if hasattr(c, "co_names"))
    return names.intersection(function.__globals__)


def full(cell: Any) -> bool:  # noqa: ANN401
    """Return whether a cell of a closure holds anything yet."""
    try:
        cell.cell_contents  # noqa: B018  an empty cell raises
    except ValueError:
        return False
    return True
