"""What are the arrays in a nested structure called, and how is it rebuilt with other arrays?

A tree is a dict, list, tuple, named tuple, dataclass, namespace or attrs object of trees, or a leaf. Paths are what the
user would write: `W1`, `layers[0].W`, `params.enc[2]`. Fields of dataclasses with `metadata={"constant": True}`,
and everything that is not an array there, are not leaves: they are settings. Where it is asked for (`numbers`), the
numbers there are leaves too: which of them are settings, the gradient tells.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections import UserDict
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from types import MappingProxyType, SimpleNamespace
from typing import Any, TypeGuard

import numpy as np

from gradcheck._model.computed import computed, renew
from gradcheck._model.contents import attributes
from gradcheck._model.ending import forgiven
from gradcheck._results.errors import InputError

Tree = Any
PLAIN = (dict, list, tuple)
LEAVES = {np.ndarray, np.float64, float, int, bool, str, type(None)}  # which are met most often


def children(  # noqa: PLR0911  one for each kind of container
    tree: Tree, *, numbers: bool = False
) -> list[tuple[str, Tree]] | None:
    """Return the (step of the path, child) pairs of a container; None for a leaf."""
    if type(tree) in LEAVES:
        return None
    if isinstance(tree, Mapping):
        return [(_step(key), child) for key, child in tree.items()]
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return [(f".{name}", child) for name, child in zip(tree._fields, tree, strict=True)]
    if isinstance(tree, (list, tuple)):
        return [(f"[{i}]", child) for i, child in enumerate(tree)]
    if is_record(tree):
        return [(f".{f.name}", getattr(tree, f.name)) for f in _trained(tree, numbers=numbers)]
    held = _held(tree)
    if held is None:
        return None
    return [(f".{name}", child) for name, child in held.items() if _holds_arrays(child, numbers=numbers)]


def _held(tree: Tree) -> dict[str, Any] | None:
    """Return what a namespace, or an instance of a class of attrs, holds by name; None for anything else."""
    if type(tree) is SimpleNamespace:
        return vars(tree)
    fields = getattr(type(tree), "__attrs_attrs__", None)
    if fields is None:
        return None
    return {field.name: getattr(tree, field.name) for field in fields if field.name not in computed(tree)}


def is_record(tree: Tree) -> bool:
    """Return whether a thing is an instance of a dataclass."""
    return dataclasses.is_dataclass(tree) and not isinstance(tree, type)


def is_number(value: object) -> TypeGuard[float | np.generic]:
    """Return whether a thing is a real number by itself: no truth value, and no member of an enumeration."""
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, (bool, Enum))


def _step(key: object) -> str:
    if isinstance(key, str):
        return f".{key}" if key else ""
    return f"[{key!r}]"


def _trained(tree: Tree, *, numbers: bool) -> list[dataclasses.Field[Any]]:
    """Return the fields that can hold parameters: arrays and containers, except constants, settings and results."""
    results = computed(tree)
    return [
        f
        for f in dataclasses.fields(tree)
        if not f.metadata.get("constant")
        and f.name not in results
        and _holds_arrays(getattr(tree, f.name), numbers=numbers)
    ]


def _holds_arrays(value: object, *, numbers: bool) -> bool:
    if type(value) is np.ndarray:  # nearly always
        return True
    if isinstance(value, (np.generic, type)) or is_number(value):
        return numbers and is_number(value)
    array = hasattr(value, "dtype") and hasattr(value, "shape")  # of NumPy, or of whatever framework
    nested = isinstance(value, (Mapping, list, tuple)) or dataclasses.is_dataclass(value) or _held(value) is not None
    return array or nested


def join(path: str, step: str) -> str:
    """Append a step to a path: no dot at the beginning."""
    return path + step if path else step.removeprefix(".")


def leaves(tree: Tree, path: str = "", *, numbers: bool = False) -> Iterator[tuple[str, Any]]:
    """Yield (path, leaf) in order."""
    below = children(tree, numbers=numbers)
    if below is None:
        yield path, tree
        return
    for step, child in below:
        yield from leaves(child, join(path, step), numbers=numbers)


def records(tree: Tree, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the containers in a tree that are neither dicts nor lists nor tuples, each with its path."""
    if not isinstance(tree, (Mapping, list, tuple)) and children(tree) is not None:
        yield path, tree
    for step, child in children(tree) or ():
        yield from records(child, join(path, step))


def places(tree: Tree, place: str = "", *, numbers: bool = False) -> Iterator[str]:
    """Yield where each leaf is, in the order of `leaves`, written so that no two are alike: `['a']['b']`."""
    below = children(tree, numbers=numbers)
    if below is None:
        yield place
        return
    keys = [f"[{key!r}]" for key in tree] if isinstance(tree, Mapping) else [step for step, _ in below]
    for key, (_, child) in zip(keys, below, strict=True):
        yield from places(child, place + key, numbers=numbers)


def rebuild(tree: Tree, leaf: Callable[[str, Any], Any], path: str = "", *, numbers: bool = False) -> Tree:
    """Put the tree together again with leaf(path, old) in place of every leaf; nothing old is changed."""
    below = children(tree, numbers=numbers)
    if below is None:
        return leaf(path, tree)
    new = [rebuild(child, leaf, join(path, step), numbers=numbers) for step, child in below]
    if type(tree) not in PLAIN and all(a is b for a, (_, b) in zip(new, below, strict=True)):
        return tree  # a class of the user's, which may not be made from its parts
    return remade(tree, new, [step for step, _ in below])


def maker(tree: Tree, leaf: Callable[[Any], Callable[[], Any]]) -> Callable[[], Tree]:
    """Return what puts a tree together again, as often as it is called, around what leaf(old) makes by then."""
    kind = type(tree)
    if children(tree) is None:
        return leaf(tree)
    if kind is dict:
        pairs = [(key, maker(value, leaf)) for key, value in tree.items()]
        return lambda: {key: make() for key, make in pairs}
    if kind in (list, tuple):
        parts = [maker(part, leaf) for part in tree]
        return lambda: kind([make() for make in parts])
    made = {id(old): leaf(old) for _, old in leaves(tree)}
    return lambda: rebuild(tree, lambda _, old: made[id(old)]())


def remade(tree: Tree, new: list[Tree], steps: list[str]) -> Tree:
    """Return a container like another with other children, which stand at the same steps."""
    if isinstance(tree, Mapping):
        return _mapping_like(tree, dict(zip(tree, new, strict=True)))
    if isinstance(tree, tuple) and hasattr(tree, "_make"):
        return _made_of(tree, new)
    if type(tree) is not list and isinstance(tree, list):
        twin = copy.copy(tree)
        twin[:] = new
        renew(twin, tree)
        return twin
    if isinstance(tree, (list, tuple)):
        return type(tree)(new)
    twin = copy.copy(tree)
    _forget(twin)
    for step, value in zip(steps, new, strict=True):
        object.__setattr__(twin, step.removeprefix("."), value)  # frozen, and ours
    renew(twin, tree)
    return twin


def _made_of(tree: Any, new: list[Tree]) -> Tree:  # noqa: ANN401
    """Return a named tuple of other parts; one that holds more than them is made by its own class."""
    if attributes(tree):
        with forgiven():
            return type(tree)(*new)
    return tree._make(new)


def _forget(twin: Any) -> None:  # noqa: ANN401
    """Let a record recompute what it kept of the numbers that it had, when it is asked for it."""
    held = getattr(twin, "__dict__", {})
    for name in [name for name in held if isinstance(getattr(type(twin), name, None), functools.cached_property)]:
        del held[name]


def _mapping_like(tree: Mapping[Any, Any], items: dict[Any, Any]) -> Mapping[Any, Any]:
    if type(tree) is dict:
        return items
    if isinstance(tree, MappingProxyType):
        return MappingProxyType(items)
    try:
        twin: Any = copy.copy(tree) if isinstance(tree, (dict, UserDict)) else _copied_with(tree, items)
        twin.update(items)
        if isinstance(tree, dict):
            renew(twin, tree)
    except (AttributeError, TypeError):  # a read-only mapping
        return items
    except Exception as error:  # noqa: BLE001  a class of the user's may mind in any way
        kind = type(tree).__name__
        msg = (
            f"a {kind} cannot be rebuilt with other arrays ({type(error).__name__}: {error}); "
            f"give its arrays in a dict, and make the {kind} inside of the function"
        )
        raise InputError(msg) from None
    else:
        return twin  # type: ignore[no-any-return]


def _copied_with(tree: Mapping[Any, Any], items: dict[Any, Any]) -> Any:  # noqa: ANN401
    """Return an independent copy of a mapping of unknown type, with the same values."""
    return copy.deepcopy(tree, {id(old): items[key] for key, old in tree.items()})
