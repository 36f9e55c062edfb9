"""What does a call leave in the attributes of a model? The next call is spared it, as it is spared new buffers."""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Iterable, Iterator, MutableMapping
from dataclasses import dataclass
from types import MethodType
from typing import Any

import torch

from gradcheck._adapters.torch.tensors import DOUBLE, Tensor, is_floating
from gradcheck._model import trees
from gradcheck._model.contents import attributes, container, is_a, is_known, of_library

ABSENT = object()  # in the place of an attribute that there was not
FILLED = (dict, list, set, deque)  # what calls put things into
OWN = frozenset(vars(torch.nn.Module()))  # attributes that every module has: its parameters, buffers, hooks, mode


@dataclass(eq=False)
class Attribute:
    """One attribute of a model: where it is held, and what it was when the check began."""

    holder: MutableMapping[str, Any]
    key: str
    value: Any  # ABSENT where there was none
    content: list[Any] | None = None  # of a container
    owner: str = ""  # the class of what holds it

    @property
    def changed(self) -> bool:
        """Whether it is another thing now, or holds others."""
        now = self.holder.get(self.key, ABSENT)
        return now is not self.value or (self.content is not None and not _same(_copied(now), self.content))

    def put_back(self) -> None:
        """Give the model back what it had."""
        if self.value is ABSENT:
            self.holder.pop(self.key, None)
            return
        if self.content is not None and not _same(_copied(self.value), self.content):
            _refill(self.value, self.content)
        self.holder[self.key] = self.value


class Attributes:
    """The attributes of modules, and of an object whose method is called, from call to call."""

    def __init__(self, modules: Iterable[Any], f: Any) -> None:  # noqa: ANN401
        """Remember what they are."""
        modules = [*modules]
        self.holders = [(type(m).__name__, held) for m in modules for held in (m.__dict__, m._buffers)]  # noqa: SLF001
        owner = f.__self__ if is_a(f, MethodType) else f
        if owner is not None and not is_a(owner, torch.nn.Module, type) and not of_library(type(owner)):
            self.holders += [(type(owner).__name__, held)] if (held := attributes(owner)) and callable(f) else []
        self.known = {
            (id(holder), key): Attribute(holder, key, value, _copied(value), owner)
            for owner, holder in self.holders
            for key, value in holder.items()
            if key not in OWN
        }
        self.given = [
            a for a in self.known.values() if isinstance(a.value, torch.Tensor) and a.value.grad_fn is not None
        ]
        self.changing: dict[tuple[int, str], Attribute] = {}

    def notice(self) -> None:
        """Find out which of them a call has changed, or made."""
        for owner, holder in self.holders:
            for key in [key for key in holder if key not in OWN]:
                place = id(holder), key
                if place not in self.known:
                    self.known[place] = Attribute(holder, key, ABSENT, owner=owner)
        self.changing |= {place: a for place, a in self.known.items() if a.changed}

    def with_graph(self) -> Iterator[tuple[str, str, Tensor]]:
        """Yield the tensors in them, as they are now, that have a graph behind them: owner, name, tensor."""
        for owner, holder in self.holders:
            for key in [key for key in holder if key not in OWN]:
                held = holder[key]
                if isinstance(held, torch.Tensor) or container(held) is not None:
                    found = (t for _, t in trees.leaves(held) if isinstance(t, torch.Tensor))
                    yield from ((owner, key, t) for t in found if t.grad_fn is not None)

    def put_back(self, *, wide: bool) -> None:
        """Let a call begin with what was given: where that has the graph of an earlier call, without it."""
        for attribute in self.changing.values():
            attribute.put_back()
        for attribute in self.given:
            tensor = attribute.value.detach()
            attribute.holder[attribute.key] = (
                tensor.to(DOUBLE[tensor.is_complex()]) if wide and is_floating(tensor) else tensor
            )

    def restore(self) -> None:
        """Put back the very things that the user had."""
        for attribute in [*self.changing.values(), *self.given]:
            attribute.put_back()


def _copied(thing: Any) -> list[Any] | None:  # noqa: ANN401
    """Return what stands in a container that a call may fill; None for anything else."""
    kind: Any = container(thing)
    if kind is None or not issubclass(kind, FILLED) or not is_known(type(thing)):
        return None
    return [*(kind.items(thing) if issubclass(kind, dict) else kind.__iter__(thing))]


def _same(now: list[Any] | None, before: list[Any]) -> bool:
    if now is None or len(now) != len(before):
        return False
    pairs = [
        (a, b) if isinstance(a, tuple) and isinstance(b, tuple) else ((a,), (b,))
        for a, b in zip(now, before, strict=True)
    ]
    return all(len(a) == len(b) and all(map(operator.is_, a, b)) for a, b in pairs)


def _refill(thing: Any, content: list[Any]) -> None:  # noqa: ANN401
    kind: Any = container(thing)
    kind.clear(thing)
    if issubclass(kind, dict):
        for key, value in content:
            kind.__setitem__(thing, key, value)
    elif issubclass(kind, set):
        kind.update(thing, content)
    else:
        kind.extend(thing, content)
