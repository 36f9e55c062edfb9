"""Which random generators does a function draw from, and how are they put back?

A fresh dropout mask at every call makes a right gradient look like noise. So every generator that a call can
reach is put back to where it stood before each call: NumPy's global one, Python's, and every
`numpy.random.Generator`, `RandomState` and `random.Random` in the closures, defaults, globals and attributes
of what the user handed in.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import itertools
import random
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any

import numpy as np

DEPTH = 8  # containers and objects within one another that are searched
MANY = 100_000  # things among which generators are looked for: what lies farther is not found
# Whose functions and objects are not looked into.
LIBRARIES = sys.stdlib_module_names | {"numpy", "scipy", "torch", "jax", "jaxlib", "flax", "equinox", "haiku", "keras"}
ATOMS = {int, float, complex, str, bytes, bool, type(None), np.float64}
MISSING = object()

Restore = functools.partial[Any]


@dataclass(frozen=True)
class Source:
    """One generator: how to read its state and how to put it back."""

    read: Callable[[], Any]
    write: Callable[[Any], Any]


class Pins:
    """The generators reachable from some objects, with the states they had at the beginning."""

    def __init__(self, *roots: object, sources: Iterable[Source] = ()) -> None:
        """Find the generators and remember their states, and those of further sources."""
        self.sources = [_GLOBAL, _PYTHON, *sources, *_sources(roots)]
        self.states = [source.read() for source in self.sources]
        self.drawn: list[int] = []

    def restore(self) -> None:
        """Put back every generator that has moved; called at the end, and after any accident."""
        for source, state in zip(self.sources, self.states, strict=True):
            if not _same(source.read(), state):
                source.write(copy.deepcopy(state))

    def notice(self) -> bool:
        """Remember which generators a call has moved, put them back, and return whether there were any."""
        self.drawn = [
            k for k, source in enumerate(self.sources) if k in self.drawn or not _same(source.read(), self.states[k])
        ]
        self.restore()
        return bool(self.drawn)

    def pin(self) -> None:
        """Put back the generators that calls are known to move: cheap where there are none."""
        for k in self.drawn:
            self.sources[k].write(copy.deepcopy(self.states[k]))


_GLOBAL = Source(np.random.get_state, np.random.set_state)
_PYTHON = Source(random.getstate, random.setstate)


def _same(a: Any, b: Any) -> bool:  # noqa: ANN401  states have many shapes
    if isinstance(a, np.ndarray):
        return np.array_equal(a, b)
    if isinstance(a, dict):
        return all(_same(a[k], b[k]) for k in a)
    if isinstance(a, tuple):
        return all(_same(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)


def _sources(roots: Iterable[object]) -> list[Source]:
    found: dict[int, Source] = {}
    for thing in itertools.islice(reachable(roots), MANY):
        if isinstance(thing, np.random.Generator):
            bits = thing.bit_generator
            found[id(bits)] = Source(
                lambda bits=bits: bits.state,  # type: ignore[misc]
                lambda state, bits=bits: setattr(bits, "state", state),  # type: ignore[misc]
            )
        elif isinstance(thing, np.random.RandomState):
            found[id(thing)] = Source(thing.get_state, thing.set_state)
        elif isinstance(thing, random.Random):
            found[id(thing)] = Source(thing.getstate, thing.setstate)
    return list(found.values())


def reachable(roots: Iterable[object]) -> Iterator[object]:
    """Yield what some things hold and see, the nearest first."""
    seen: set[int] = set()
    queue = deque((root, 0) for root in roots)  # breadth first: the shortest way to a thing counts
    while queue:
        thing, depth = queue.popleft()
        if id(thing) in seen or depth > DEPTH or (isinstance(thing, np.ndarray) and thing.dtype != object):
            continue
        seen.add(id(thing))
        yield thing
        queue.extend((part, depth + 1) for part in _parts(thing) if type(part) not in ATOMS)


def _parts(thing: Any) -> list[object]:  # noqa: ANN401
    if isinstance(thing, (dict, np.ndarray)):
        return list(thing.values() if isinstance(thing, dict) else thing.flat)
    if isinstance(thing, (list, tuple, set, frozenset, deque)):
        return list(thing)
    if isinstance(thing, functools.partial):
        return [thing.func, *thing.args, *thing.keywords.values()]
    if isinstance(thing, MethodType):
        return [thing.__self__, thing.__func__]
    if isinstance(thing, (ModuleType, type)) or (isinstance(thing, FunctionType) and _library(thing)):
        return []
    return _captured(thing) if isinstance(thing, FunctionType) else _attributes(thing)


def _attributes(thing: Any) -> list[object]:  # noqa: ANN401
    held = getattr(thing, "__dict__", None)
    wrapped = getattr(thing, "__wrapped__", None)
    return [*_slots(thing).values(), *(held.values() if isinstance(held, dict) else ()), wrapped]


def _library(thing: object) -> bool:
    """Return whether a class or function belongs to Python or NumPy, not to the user."""
    return str(getattr(thing, "__module__", "")).partition(".")[0] in LIBRARIES


def _slots(thing: object) -> dict[str, Any]:
    """Return what an object holds in slots, MISSING where nothing was put yet."""
    names = [n for c in type(thing).__mro__ if not _library(c) for n in _declared(c)]
    return {n: getattr(thing, n, MISSING) for n in names if n not in {"__dict__", "__weakref__"}}


def _declared(cls: type) -> list[str]:
    return [name for name, member in vars(cls).items() if isinstance(member, MemberDescriptorType)]


def _captured(function: FunctionType) -> list[object]:
    """Return what a function sees: defaults, closure, and the globals that it, or a function inside it, names."""
    cells = [c.cell_contents for c in function.__closure__ or () if _full(c)]
    names: set[str] = set()
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        names.update(code.co_names)
        codes.extend(c for c in code.co_consts if hasattr(c, "co_names"))
    defaults = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    return [*defaults, *cells, *(function.__globals__[n] for n in names if n in function.__globals__)]


def _full(cell: Any) -> bool:  # noqa: ANN401
    try:
        cell.cell_contents  # noqa: B018  an empty cell raises
    except ValueError:
        return False
    return True


@contextlib.contextmanager
def preserved(*things: object) -> Iterator[None]:
    """Put back the attributes of objects, and the containers, arrays and layers in them, whatever happens."""
    undo = [step for thing in things for step in _snapshot(thing)]
    try:
        yield
    finally:
        for step in undo:
            step()


def _snapshot(thing: Any) -> list[Restore]:  # noqa: ANN401
    """Return what restores an object: its attributes first, then everything in them."""
    plain = isinstance(thing, (np.ndarray, dict, list, tuple))
    return list(_undoing(thing, set(), 0) if plain else _undoing_object(thing, set(), 0))


def _undoing(thing: Any, seen: set[int], depth: int) -> Iterator[Restore]:  # noqa: ANN401
    if id(thing) in seen or depth > DEPTH:
        return
    seen.add(id(thing))
    if isinstance(thing, np.ndarray):
        if thing.flags.writeable and thing.dtype != object:
            yield functools.partial(np.copyto, thing, thing.copy())
    elif isinstance(thing, (dict, list, tuple)):
        if not isinstance(thing, tuple):
            yield functools.partial(_refill, thing, copy.copy(thing))
        for part in _parts(thing):
            if type(part) not in ATOMS:
                yield from _undoing(part, seen, depth + 1)
    elif not isinstance(thing, (ModuleType, type)) and not _library(type(thing)):
        yield from _undoing_layer(thing, seen, depth)


def _undoing_layer(thing: Any, seen: set[int], depth: int) -> Iterator[Restore]:  # noqa: ANN401
    """Yield what restores an object inside another, if it holds arrays; all else may be shared with the world."""
    steps = list(_undoing_object(thing, seen, depth))
    if any(step.func is np.copyto for step in steps) or any(isinstance(v, np.ndarray) for v in _parts(thing)):
        yield from steps


def _undoing_object(thing: Any, seen: set[int], depth: int) -> Iterator[Restore]:  # noqa: ANN401
    held = getattr(thing, "__dict__", None)
    if isinstance(held, dict):
        yield from _undoing(held, seen, depth)
    for name, value in _slots(thing).items():
        yield functools.partial(_put_back, thing, name, value)
        yield from _undoing(value, seen, depth + 1)


def _put_back(thing: object, name: str, value: object) -> None:
    if value is not MISSING:
        object.__setattr__(thing, name, value)
    elif hasattr(thing, name):
        object.__delattr__(thing, name)


def _refill(container: Any, content: Any) -> None:  # noqa: ANN401
    container.clear()
    container.update(content) if isinstance(container, dict) else container.extend(content)
