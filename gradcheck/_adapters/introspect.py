"""What does the user's function see? The names of its arguments, arrays in its closure, and the sizes of them."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._model import contents, trees
from gradcheck._model.ending import forgiven

Array = NDArray[Any]

DEPTH = 3  # functions that call functions, containers in containers
MOST = 64  # arrays that are worth remembering
PLACES = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
IN_TABLE = re.compile(r"\]\[\d+\]$")  # a number in a row of a table, such as one of indices, is no setting
LARGEST = 1e100  # larger numbers are not taken for factors


def parameters_of(f: Any) -> list[inspect.Parameter]:  # noqa: ANN401
    """Return the parameters of a function; none where nobody knows them."""
    found = signature_of(f)
    return [] if found is None else [*found.parameters.values()]


def signature_of(f: Any) -> inspect.Signature | None:  # noqa: ANN401
    """Return the signature of a function; None of what has none, and of an object that minds being compared."""
    with forgiven():
        return inspect.signature(f)
    return None


def argument_names(f: Callable[..., Any], count: int) -> list[str]:
    """Return the names of the first arguments as the function's signature has them, else x or x0, x1, ..."""
    names = [p.name for p in parameters_of(f) if p.kind in PLACES][:count]
    if len(names) == count:
        return names
    return ["x"] if count == 1 else [f"x{i}" for i in range(count)]


def arrays(functions: Iterable[object], point: object) -> dict[str, Array]:
    """Return the arrays that functions see in closures, globals, defaults and attributes, except those of the point."""
    own = [value for _, value in trees.leaves(point) if isinstance(value, np.ndarray)]
    found: dict[str, Array] = {}
    for function in functions:
        for name, array in _seen("", function, 0, set()):
            if (
                isinstance(array, np.ndarray)
                and len(found) < MOST
                and not any(np.may_share_memory(array, mine) for mine in own)
            ):
                found.setdefault(name, array)
    return found


def numbers(functions: Iterable[object]) -> dict[str, float]:
    """Return the plain numbers that functions see in the same places."""
    found: dict[str, float] = {}
    for function in functions:
        for name, number in _seen("", function, 0, set()):
            if len(found) < MOST and isinstance(number, (int, float)) and not IN_TABLE.search(name):
                found.setdefault(name, number)
    return found


def _seen(name: str, thing: Any, depth: int, seen: set[int]) -> Iterator[tuple[str, Array | float]]:  # noqa: ANN401
    if type(thing) in (int, float) or contents.is_a(thing, np.float64):
        if name and abs(thing) < LARGEST:
            yield name, thing if type(thing) is int else float(thing)
        return
    if contents.is_a(thing, np.ndarray):
        array = np.ndarray.view(thing, np.ndarray)
        if name and array.ndim and array.dtype.kind in "fiub":
            yield name, array
        return
    if id(thing) in seen or depth > DEPTH:
        return
    seen.add(id(thing))
    for step, part in _parts(name, thing):
        yield from _seen(step, part, depth + 1, seen)


def _parts(name: str, thing: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
    if contents.is_a(thing, FunctionType):
        return _named(thing)
    if contents.is_a(thing, MethodType):
        return [("", thing.__func__), ("", thing.__self__)]
    if contents.is_a(thing, functools.partial):
        names = argument_names(thing.func, len(thing.args))
        return [("", thing.func), *zip(names, thing.args, strict=True), *thing.keywords.items()]
    if contents.container(thing) in (None, set, frozenset):
        return _attributes(name, thing)
    keys = [*dict.keys(thing)] if contents.is_a(thing, dict) else range(MOST)
    pairs = list(zip(keys, contents.elements(thing), strict=False))[:MOST]
    return [(f"{name}[{key!r}]" if name else str(key), value) for key, value in pairs]


def _attributes(name: str, thing: object) -> list[tuple[str, Any]]:
    if contents.is_a(thing, type) or contents.is_a(thing, ModuleType):
        return []
    held = contents.attributes(thing) or {}
    return [(f"{name}.{key}".removeprefix("."), value) for key, value in list(held.items())[:MOST]]


def _named(function: FunctionType) -> list[tuple[str, Any]]:
    """Return what a function can read, by name: its closure, the globals that it uses, its defaults."""
    named: list[tuple[str, Any]] = []
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            named.append((name, cell.cell_contents))
        except ValueError:  # not yet filled
            continue
    names = dict.fromkeys(_globals(function.__code__))
    named += [(n, function.__globals__[n]) for n in names if n in function.__globals__]
    defaults = function.__defaults__ or ()
    arguments = function.__code__.co_varnames[: function.__code__.co_argcount]
    named += list(zip(arguments[len(arguments) - len(defaults) :], defaults, strict=True))
    return [*named, *(function.__kwdefaults__ or {}).items()]


def _globals(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _globals(constant)


def sizes(arguments: Mapping[str, Any], data: Mapping[str, Array]) -> dict[str, int]:
    """Return numbers that a wrong factor may be equal to, the batch size first.

    It is the first axis of the arguments if they agree on one, else the first axis that several arrays share; of
    vectors alone there is no batch.
    """
    given = {n: np.asarray(a) for n, a in arguments.items() if isinstance(a, np.ndarray) and a.ndim > 0}
    every = {name: array for name, array in {**given, **data}.items() if array.ndim}
    agreed = {len(a) for a in given.values()}
    found = {"the batch size": int(agreed.pop())} if len(agreed) == 1 and _batched(given.values()) else {}
    firsts: dict[int, list[str]] = {}
    for name, array in every.items():
        firsts.setdefault(len(array), []).append(name)
    for n, names in sorted(firsts.items(), key=lambda item: -len(item[1])):
        words = f"the first axis of {' and '.join(names[:2])}"
        shared = len(names) > 1 and not found and n > 0 and _batched(every[name] for name in names)
        found[f"the batch size, {words}" if shared else words] = n
    for name, array in every.items():
        found |= {f"axis {axis} of {name}": n for axis, n in enumerate(array.shape) if axis}
        if array.ndim > 1:
            found[f"the number of entries of {name}"] = array.size
    return found


def _batched(given: Iterable[Array]) -> bool:
    """Whether one of them has examples along its first axis, and something else along another."""
    return any(array.ndim > 1 for array in given)
