"""How are the user's objects restored? Only what changed, by the base type's own methods; the rest is reported.

An object whose whole state cannot be seen, such as a pandas table, is left alone: a half-restored state is worse than
none.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from types import FunctionType, MemberDescriptorType, ModuleType
from typing import Any

import numpy as np

from gradcheck._model import contents
from gradcheck._model.snapshot import Snapshot
from gradcheck._model.trees import join
from gradcheck._results.names import few_of

# What an array or a table says that it is, whoever made it.
TABLES = ("__array__", "__dataframe__", "__array_ufunc__", "__array_function__")


@dataclass(frozen=True)
class Step:
    """One thing that can be put back: its name, and what does it where it has changed."""

    name: str
    put_back: Callable[[], object]
    array: bool = False


class Kept:
    """What some things were when the check began."""

    def __init__(self, *things: object) -> None:
        """Remember the attributes of objects, and the containers, arrays and layers in them; raises nothing."""
        self.unknown: list[str] = []  # what holds numbers, but in a way that cannot be seen
        self.failed: list[str] = []
        self._riddles = 0  # things met whose state is not known
        self._seen: set[int] = set()
        self._steps: list[Step] = []
        for thing in things:
            self._steps += self._walk(thing, "", 0)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left alone, and what could not be put back."""
        what = "it cannot be put" if len(self.unknown) == 1 else "they cannot be put"
        unknown = f"if the function changes {few_of(self.unknown)}, {what} back: what is in there cannot be read"
        return (unknown,) * bool(self.unknown) + tuple(self.failed)

    def also(self, name: str, put_back: Callable[[], object]) -> None:
        """Remember a way to put something back that is not to be found by looking."""
        self._steps.append(Step(name, put_back))

    def contents(self, thing: object, name: str) -> None:
        """Remember what stands in a container of Python's own, and not what is in that."""
        self._steps += _content(thing, name)

    def put_back(self) -> None:
        """Put back what has changed. A step that fails is noted, and an interrupt waits for the last of them."""
        interrupt: BaseException | None = None
        for step in self._steps:
            try:
                step.put_back()
            except Exception as error:  # noqa: BLE001  the keys of a dict may raise anything
                self.failed.append(f"{step.name} could not be put back: {type(error).__name__}: {error}")
            except BaseException as error:  # noqa: BLE001  raised below
                interrupt = error
        if interrupt is not None:
            raise interrupt

    def _walk(self, thing: Any, name: str, depth: int) -> list[Step]:  # noqa: ANN401
        if id(thing) in self._seen or depth > contents.DEPTH or type(thing) in contents.ATOMS:
            return []
        self._seen.add(id(thing))
        try:
            if contents.is_a(thing, np.ndarray):
                return [*_array(thing, name), *self._within(thing, name, depth)]
            if contents.container(thing) is not None:
                known = contents.is_known(type(thing))
                inside = [*self._elements(thing, name, depth), *self._within(thing, name, depth)]
                return [*(_content(thing, name) if known else ()), *inside]
            return self._object(thing, name, depth) if depth == 0 or not _inert(thing) else []
        except Exception:  # noqa: BLE001  what cannot be looked at is left alone
            self.unknown.append(f"{name} ({type(thing).__name__})")
            return []

    def _object(self, thing: Any, name: str, depth: int) -> list[Step]:  # noqa: ANN401
        """Return what restores an object; one inside another only if it holds arrays: others may share the rest."""
        named, riddles = len(self.unknown), self._riddles
        inside = self._within(thing, name, depth)
        table = any(hasattr(type(thing), said) for said in TABLES)
        whole = known_whole(thing) if depth else contents.is_known(type(thing))
        if not whole or (table and depth and self._riddles > riddles):
            self._riddles += not _no_riddle(thing)
            if table:
                self.unknown[named:] = [f"{name or 'the model'} ({type(thing).__name__})"]
            return [step for step in inside if step.array]  # numbers can be put back wherever they are
        if (
            depth
            and not any(step.array for step in inside)
            and not any(contents.is_a(part, np.ndarray) for part in contents.held(thing).values())
        ):
            return []
        return [*_attributes(thing, name), *inside]

    def _elements(self, thing: Any, name: str, depth: int) -> Iterator[Step]:  # noqa: ANN401
        kind: Any = contents.container(thing)
        keys = kind.keys(thing) if issubclass(kind, dict) else map("[{}]".format, range(len(contents.elements(thing))))
        for key, part in zip([*keys], contents.elements(thing), strict=True):
            step = key if not issubclass(kind, dict) else f".{key}" if type(key) is str else f"[{type(key).__name__}]"
            yield from self._walk(part, join(name, step), depth + 1)

    def _within(self, thing: Any, name: str, depth: int) -> list[Step]:  # noqa: ANN401
        pairs = [*contents.held(thing).items()]
        return [step for key, part in pairs for step in self._walk(part, join(name, f".{key}"), depth + 1)]


@contextlib.contextmanager
def preserved(*things: object) -> Iterator[Kept]:
    """Put back the attributes of objects, and the containers, arrays and layers in them, whatever happens."""
    kept = Kept(*things)
    try:
        yield kept
    finally:
        kept.put_back()


def _inert(thing: object) -> bool:
    """Return whether an object holds no state of the user's: a number, function or class, or a library's internals."""
    cls = type(thing)
    return cls in contents.ATOMS or issubclass(cls, (type, ModuleType, FunctionType)) or _of_library(cls)


def _of_library(cls: type) -> bool:
    ours = issubclass(cls, (*contents.CONTAINERS, np.ndarray)) or cls in contents.WHOLE
    return not ours and contents.of_library(cls)


def known_whole(thing: object) -> bool:
    """Return whether all of an object's state can be seen, and so be put back, though it lies inside another."""
    return contents.is_known(type(thing)) and all(map(_no_riddle, contents.held(thing).values()))


def _no_riddle(thing: object) -> bool:
    """Return whether what an object holds can be seen, or is to be called, so that nothing of its state hides there."""
    cls = type(thing)
    return contents.is_known(cls) or _inert(thing) or any("__call__" in vars(base) for base in cls.__mro__)


def _array(thing: Any, name: str) -> Iterator[Step]:  # noqa: ANN401
    plain = np.ndarray.view(thing, np.ndarray)
    if plain.flags.writeable:
        yield Step(name, partial(_write, thing, Snapshot(plain)), array=True)


def _write(thing: Any, held: Snapshot) -> None:  # noqa: ANN401
    if not thing.flags.writeable:
        thing.flags.writeable = True
    held.put_back()


def _attributes(thing: object, name: str) -> Iterator[Step]:
    held = contents.attributes(thing)
    if held is not None:
        yield Step(name, partial(_give_back, thing, held))
        yield from _content(held, name)
    for member, value in contents.slots(thing):
        yield Step(join(name, f".{member.__name__}"), partial(_fill, thing, member, value))


def _give_back(thing: object, held: dict[str, Any]) -> None:
    if contents.attributes(thing) is not held:
        object.__setattr__(thing, "__dict__", held)


def _fill(thing: object, member: MemberDescriptorType, value: object) -> None:
    now = contents.slot(member, thing)
    if now is value:
        return
    if value is contents.MISSING:
        member.__delete__(thing)
    else:
        member.__set__(thing, value)


def _content(thing: Any, name: str) -> Iterator[Step]:  # noqa: ANN401
    kind: Any = contents.container(thing)
    if issubclass(kind, dict):
        yield Step(name, partial(_refill_mapping, kind, thing, [*kind.items(thing)]))
    elif issubclass(kind, (list, deque)):
        yield Step(name, partial(_refill, kind, thing, [*kind.__iter__(thing)]))
    elif issubclass(kind, set):
        yield Step(name, partial(_refill_set, thing, set().union(thing)))


def _refill_mapping(kind: Any, thing: Any, content: list[tuple[Any, Any]]) -> None:  # noqa: ANN401
    now = [*kind.items(thing)]
    if len(now) == len(content) and all(a is c and b is d for (a, b), (c, d) in zip(now, content, strict=True)):
        return
    kind.clear(thing)
    for key, value in content:
        kind.__setitem__(thing, key, value)


def _refill(kind: Any, thing: Any, content: list[Any]) -> None:  # noqa: ANN401
    now = [*kind.__iter__(thing)]
    if len(now) == len(content) and all(a is b for a, b in zip(now, content, strict=True)):
        return
    kind.clear(thing)
    kind.extend(thing, content)


def _refill_set(thing: Any, content: set[Any]) -> None:  # noqa: ANN401
    if set.__ne__(thing, content):
        set.clear(thing)
        set.update(thing, content)
