"""Which random generators does a function draw from, and how are they put back?

A fresh dropout mask at every call makes a right gradient look like noise. So every generator that a call can
reach is put back to where it stood before each call: NumPy's global one, Python's, and every
`numpy.random.Generator`, `RandomState` and `random.Random` in the closures, defaults, globals and attributes
of what the user handed in.
"""

from __future__ import annotations

import copy
import functools
import itertools
import random
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck._model import contents, unmoved

MANY = 100_000  # objects among which generators are searched


@dataclass(frozen=True)
class Source:
    """One generator: how to read its state and how to put it back."""

    read: Callable[[], Any]
    write: Callable[[Any], Any]
    name: str = "a random generator"
    further: Callable[[Any], Any] | None = None  # another state, of what is given by the user and no call moves


class Pins:
    """The generators reachable from some objects, with the states they had at the beginning."""

    def __init__(self, *roots: object, sources: Iterable[Source] = ()) -> None:
        """Find the generators and remember their states, and those of further sources."""
        self.sources = [*_global(), *sources, *_sources(roots)]
        self.states = [source.read() for source in self.sources]
        self.drawn: list[int] = []

    def afresh(self) -> Pins:
        """Return the same generators with the states that they have now: they need not be looked for again."""
        twin = copy.copy(self)
        twin.states, twin.drawn = [source.read() for source in self.sources], []
        return twin

    def restore(self) -> None:
        """Put back every generator that has moved; called at the end, also after an exception."""
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

    def moved(self) -> bool:
        """Whether the last call has moved any of the generators that calls are known to move."""
        return any(not _same(self.sources[k].read(), self.states[k]) for k in self.drawn)

    def pin(self) -> None:
        """Put back the generators that calls are known to move: cheap where there are none."""
        for k in self.drawn:
            self.sources[k].write(copy.deepcopy(self.states[k]))

    @property
    def named(self) -> str:
        """The generators that calls are known to move, in words; empty where there are none."""
        return " and ".join(dict.fromkeys(self.sources[k].name for k in self.drawn))

    @property
    def varied(self) -> bool:
        """Whether other random numbers could be drawn."""
        return bool(self.drawn) or any(source.further for source in self.sources)

    def seeds(self, draws: Sequence[Callable[[], object]], count: int) -> Generator[None]:
        """Let calls draw other random numbers, so many times: those that come after a call of one of `draws`.

        Each generator goes on from where the last of them that moves it has left it.
        """
        first, drawn = self.states, self.drawn
        self.drawn = [k for k, source in enumerate(self.sources) if k in drawn or source.further]
        try:
            for _ in range(count):
                self.states = self._after(draws)
                yield
        finally:
            self.states, self.drawn = first, drawn
            self.restore()

    def _after(self, draws: Sequence[Callable[[], object]]) -> list[Any]:
        """Return the states in which calls leave the generators: a call that does not move one says nothing of it."""
        after = [
            further(state) if (further := s.further) else state
            for s, state in zip(self.sources, self.states, strict=True)
        ]
        for draw in draws:
            draw()
            for k in self.drawn:
                state = self.sources[k].read()
                after[k] = after[k] if _same(state, self.states[k]) else state
        return after


@functools.cache
def _global() -> tuple[Source, Source]:
    """Return the generators of the modules; not before the first check, for NumPy loads its own when it is asked."""
    twister, python = np.random.get_state.__self__, random.getstate.__self__  # type: ignore[attr-defined]
    return (
        Source(unmoved.of_numpy(twister), np.random.set_state, "NumPy's global generator"),
        Source(unmoved.of_python(python), random.setstate, "Python's global generator"),
    )


def _same(a: Any, b: Any) -> bool:  # noqa: ANN401  states have many shapes
    if a is b:
        return True
    if isinstance(a, np.ndarray):
        return np.array_equal(a, b)
    if isinstance(a, dict):
        return all(_same(a[k], b[k]) for k in a)
    if isinstance(a, tuple) and any(isinstance(part, (np.ndarray, dict)) for part in a):
        return all(_same(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)


def _sources(roots: Iterable[object]) -> list[Source]:
    found: dict[int, Source] = {}
    for thing in itertools.islice(contents.reachable(roots), MANY):
        source = _source(thing)
        if source is not None and _can_be_read(source):
            found[id(thing)] = source
    return list(found.values())


@functools.cache
def _kinds() -> tuple[type, ...]:
    return np.random.Generator, np.random.RandomState, random.Random


def _source(thing: Any) -> Source | None:  # noqa: ANN401
    if not issubclass(type(thing), _kinds()):
        return None
    if contents.is_a(thing, np.random.Generator):
        bits = thing.bit_generator
        return Source(lambda: bits.state, lambda state: setattr(bits, "state", state), "a generator of NumPy")
    if contents.is_a(thing, np.random.RandomState):
        return Source(unmoved.of_numpy(thing), thing.set_state, "a generator of NumPy")
    return Source(unmoved.of_python(thing), thing.setstate, "a generator of Python")


def _can_be_read(source: Source) -> bool:
    """Return whether a generator has a state: that of the operating system has none, and cannot be put back."""
    try:
        source.read()
    except Exception:  # noqa: BLE001  it may be of the user's own making
        return False
    return True
