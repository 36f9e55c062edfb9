"""What does a call leave in the attributes of a model? It is removed before the next call, as changed buffers are."""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from types import FunctionType, MethodType, ModuleType
from typing import Any

import torch

from gradcheck._adapters.torch.tensors import DOUBLE, Tensor, is_floating
from gradcheck._model import trees
from gradcheck._model.contents import (
    ATOMS,
    DEPTH,
    attributes,
    container,
    elements,
    is_a,
    is_known,
    of_library,
    reachable,
)

FILLED = (dict, list, set, deque)  # what calls put things into
OWN = frozenset(vars(torch.nn.Module()))  # attributes that every module has: its parameters, buffers, hooks, mode
MANY = 10_000  # containers and objects of a model that are looked into
LONG = 1_000  # containers with more entries are data, such as a vocabulary, and not filled by calls


@dataclass(eq=False)
class Held:
    """A container of a model, or the attributes of an object in it, and what stood there when the check began."""

    thing: Any
    owner: str  # the class of the module that it belongs to
    name: str  # "" for the attributes of a module itself
    attributes: bool  # whether it is a dict of those, of which what every module has is left alone

    def __post_init__(self) -> None:
        """Remember what stands there."""
        self.before = self.now()

    @cached_property
    def kind(self) -> Any:  # noqa: ANN401
        """The built-in container that it is, or inherits from."""
        return container(self.thing)

    def now(self) -> list[Any]:
        """Return what stands there: pairs of a dict."""
        if not issubclass(self.kind, dict):
            return [*self.kind.__iter__(self.thing)]
        return [(key, value) for key, value in self.kind.items(self.thing) if not (self.attributes and key in OWN)]

    def parts(self) -> Iterator[tuple[str, Any]]:
        """Yield what stands there, by the name that the user would write."""
        if not issubclass(self.kind, dict):
            yield from ((f"{self.name}[{k}]", part) for k, part in enumerate(self.now()))
        elif self.attributes:
            yield from ((f"{self.name}.{key}".lstrip("."), part) for key, part in self.now())
        else:
            yield from ((f"{self.name}[{key!r}]", part) for key, part in self.now())

    @property
    def changed(self) -> bool:
        """Whether other things stand there."""
        return not _same(self.now(), self.before)

    def put_back(self) -> None:
        """Put back what stood there."""
        now = self.now()
        if _same(now, self.before):
            return
        if not issubclass(self.kind, dict):
            self.kind.clear(self.thing)
            (self.kind.update if issubclass(self.kind, set) else self.kind.extend)(self.thing, self.before)
            return
        for key, _ in now:
            self.kind.__delitem__(self.thing, key)
        for key, value in self.before:
            self.kind.__setitem__(self.thing, key, value)


@dataclass(frozen=True, eq=False)
class Given:
    """An attribute that the model was given with, in which there is the graph of an earlier call."""

    place: Held
    key: str
    value: Any

    def detach(self, *, wide: bool) -> Any:  # noqa: ANN401
        """Give the model the same without the graph, in the precision of the call; return it."""

        def alone(_: str, old: Any) -> Any:  # noqa: ANN401
            if not isinstance(old, torch.Tensor):
                return old
            return old.detach().to(DOUBLE[old.is_complex()]) if wide and is_floating(old) else old.detach()

        self.place.thing[self.key] = made = trees.rebuild(self.value, alone)
        return made


class Attributes:
    """The attributes and buffers of modules, or of an object that is called, and what they hold, from call to call."""

    def __init__(self, modules: Iterable[Any], f: Any) -> None:  # noqa: ANN401
        """Remember what they are."""
        modules = [*modules]
        queue = [Held(m.__dict__, type(m).__name__, "", attributes=True) for m in modules]
        queue += [Held(m._buffers, type(m).__name__, "", attributes=True) for m in modules if is_a(m._buffers, dict)]  # noqa: SLF001
        owner = f.__self__ if is_a(f, MethodType) else f
        if not is_a(owner, torch.nn.Module) and (held := _held(owner)) is not None:
            queue.append(Held(held, type(owner).__name__, "", attributes=True))
        self.places = [*islice(_walk(queue), MANY)]
        whole = [place for place in self.places if place.attributes and not place.name]
        self.given = [Given(place, key, value) for place in whole for key, value in place.now() if _has_graph(value)]
        self.changing: list[Held] = []

    def notice(self) -> None:
        """Find out in which of them a call has changed anything."""
        self.changing += [place for place in self.places if place.changed and place not in self.changing]

    def left(self) -> Iterator[tuple[str, str, Tensor]]:
        """Yield the tensors in them, as they are now, that have a graph behind them: owner, name, tensor."""
        fresh = [Held(place.thing, place.owner, place.name, place.attributes) for place in self.places]
        for place in islice(_walk(fresh), MANY):
            for name, part in place.parts():
                if isinstance(part, torch.Tensor) and part.grad_fn is not None:
                    yield place.owner, name, part

    def begin(self, *, wide: bool) -> None:
        """Let a call start from the given attributes, without the graph of an earlier call."""
        for place in self.changing:
            place.put_back()
        for given in self.given:
            given.detach(wide=wide)

    def restore(self) -> None:
        """Put back the very things that the user had."""
        for place in [*self.changing, *(given.place for given in self.given)]:
            place.put_back()


def _has_graph(value: Any) -> bool:  # noqa: ANN401
    """Whether there is a tensor with a graph in an attribute, which can be made again without it."""
    if not is_a(value, torch.Tensor, tuple, list, dict):
        return False
    things = (t for t in islice(reachable([value]), LONG) if is_a(t, torch.Tensor))
    return any(t.grad_fn is not None for t in things)


def _walk(queue: Iterable[Held]) -> Iterator[Held]:
    """Yield containers, and all within them, the nearest first."""
    seen: set[int] = set()
    waiting = deque((place, 0) for place in queue)
    while waiting:
        place, depth = waiting.popleft()
        if id(place.thing) not in seen:
            seen.add(id(place.thing))
            yield place
            inner = ((name, part, _held(part)) for name, part in place.parts()) if depth < DEPTH else ()
            waiting.extend(
                (Held(held, place.owner, name, held is not part), depth + 1)
                for name, part, held in inner
                if held is not None
            )


def _held(thing: Any) -> Any:  # noqa: ANN401
    """Return a container, or the dict of the attributes of a user's object; None where nothing can be seen."""
    cls = type(thing)
    if cls in ATOMS or issubclass(cls, (torch.Tensor, torch.nn.Module, type, ModuleType, FunctionType, MethodType)):
        return None
    if container(thing) is not None:
        known = issubclass(cls, (*FILLED, tuple)) and is_known(cls)
        return thing if known and len(elements(thing)) <= LONG else None
    return None if of_library(cls) or not is_known(cls) else attributes(thing)


def _same(now: list[Any], before: list[Any]) -> bool:
    if len(now) != len(before):
        return False
    pairs = zip(now, before, strict=True)
    return all(a is b or (type(a) is tuple and type(b) is tuple and all(map(operator.is_, a, b))) for a, b in pairs)
