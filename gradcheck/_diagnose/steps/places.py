"""Where in the user's code do the steps of a run stand? At a place that is met many times they are changed together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gradcheck._diagnose.evidence import Floats
from gradcheck._diagnose.steps.source_text import operand_text, place_text
from gradcheck._diagnose.steps.way_through import Change, Shares, WayThrough
from gradcheck._model.run_step import Call, RunStep

FAR = 8  # steps that a function is made of, at the most

Group = Sequence[int]  # the steps of one place


@dataclass(frozen=True)
class Alternative:
    """A way back with one place changed."""

    words: str
    change: Change
    part: bool = False  # whether a part of the gradient is left out, which may have another factor as well


class StepPlaces:
    """The steps of a record by their places."""

    def __init__(self, way: WayThrough) -> None:
        """Gather the steps."""
        self.way, self.record = way, way.record
        places: dict[tuple[tuple[Call, ...], str], list[int]] = defaultdict(list)
        for k, step in enumerate(self.record.steps):
            places[step.calls, step.name].append(k)
        self.every: list[Group] = list(places.values())
        self.moved = [group for (calls, _), group in places.items() if calls and self._is_moved(group)]

    def _is_moved(self, group: Group) -> bool:
        return any(self.record.steps[k].made in self.way.moved for k in group)

    def place(self, group: Group) -> str:
        """Return in what a place is, as it is written."""
        return f"in {self.written(group)}"

    def written(self, group: Group) -> str:
        """Return how a place is written; with the call of the function that it is in, where there are several."""
        first = self.record.steps[group[0]]
        return place_text(first.calls[-1 - (self._stacks[first.calls[-1:]] > 1) :], first.name)

    @cached_property
    def _stacks(self) -> Counter[tuple[Call, ...]]:
        """From how many calls each place is reached."""
        return Counter(calls[-1:] for calls in {step.calls for step in self.record.steps})

    def steps(self, group: Group) -> list[RunStep]:
        """Return the steps of a place."""
        return [self.record.steps[k] for k in group]

    def of(self, nodes: Sequence[int]) -> list[Floats]:
        """Return values by their numbers."""
        return [self.record.values[node] for node in nodes]

    def values(self, group: Group) -> list[Floats]:
        """Return what the steps of a place make."""
        return self.of([step.made for step in self.steps(group)])

    def fit(self, one: Sequence[int], other: Sequence[int]) -> bool:
        """Return whether values have the shapes of others."""
        return all(a.shape == b.shape for a, b in zip(self.of(one), self.of(other), strict=True))

    def operands(self) -> Iterator[tuple[Group, int, str]]:
        """Yield the operands that are moved, with the steps in which they are, and how each is written."""
        for group in self.moved:
            steps = self.steps(group)
            for j in range(min(len(step.operands) for step in steps)):
                of = [k for k, step in zip(group, steps, strict=True) if step.operands[j] in self.way.moved]
                if of:
                    yield of, j, operand_text(steps[0], j)

    def without(self, k: int, j: int, pull: Floats) -> Shares:
        """Yield what a step pulls at its operands with, except for one."""
        yield from self.way.shares(k, pull, but=j)

    def instead(self, k: int, j: int, made: Callable[[Floats], Floats], pull: Floats) -> Shares:
        """Yield it with something else for that one."""
        yield from self.without(k, j, pull)
        yield self.record.steps[k].operands[j], made(pull)

    def inner(self, group: Group, related: Callable[[Floats, Floats], Any]) -> Iterator[tuple[list[int], list[Any]]]:
        """Yield values, few steps before, of which those of a place are a function, with what is said of each."""
        first, *others = group
        found = [list(self._related(first, related))]
        found += [list(self._related(k, related)) for k in others if found[0]]  # mostly there is none
        for pairs in zip(*found, strict=False):  # where one adds nothing, what it is added to is alike as well
            yield [node for node, _ in pairs], [how for _, how in pairs]

    def _related(self, k: int, related: Callable[[Floats, Floats], Any]) -> Iterator[tuple[int, Any]]:
        y = self.record.values[self.record.steps[k].made]
        for node in self._before[k]:
            how = related(self.record.values[node], y)
            if how:
                yield node, how

    @cached_property
    def _before(self) -> dict[int, list[int]]:
        """The values, few steps before each step, of which its own may be a function, the nearest first."""
        return {k: list(self._near(self.record.steps[k])) for group in self.moved for k in group}

    def _near(self, step: RunStep) -> Iterator[int]:
        shape, met = self.record.values[step.made].shape, set(step.operands)
        queue = [(node, 1) for node in step.operands]
        for node, far in queue:
            x = self.record.values[node]
            if node in self.way.moved and x.shape == shape and x.size and np.ptp(x):
                yield node
            below = self.maker[node].operands if node in self.maker and far < FAR else ()
            queue += [(k, far + 1) for k in below if k not in met]
            met.update(below)

    @cached_property
    def maker(self) -> dict[int, RunStep]:
        """The step that made each value, except for those that were there before."""
        return {step.made: step for step in self.record.steps}

    @cached_property
    def names(self) -> dict[int, str]:
        """What values are called where they are first used."""
        names: dict[int, str] = {}
        for step in self.record.steps:
            for j, node in enumerate(step.operands):
                names.setdefault(node, operand_text(step, j))
        return names
