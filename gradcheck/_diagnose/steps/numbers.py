"""Is the gradient that of the function with another number in one of its steps, or without it?

A small number under a root that the backward forgets, or a limit, a temperature or a slope that is another there. The
run is made again with the other number, from its record, and so costs no call of the function.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from gradcheck._diagnose.evidence import Floats
from gradcheck._diagnose.steps.places import Group, StepPlaces
from gradcheck._diagnose.steps.source_text import argument_text
from gradcheck._diagnose.steps.way_through import WayThrough

NOTHING = {"add": 0.0, "subtract": 0.0, "multiply": 1.0, "divide": 1.0}  # numbers that change nothing in such a step
EITHER_WAY = ("add", "multiply")  # steps that do not ask which of the two comes first


@dataclass(frozen=True)
class PlainNumber:
    """A number in the code that stands beside what is moved."""

    places: StepPlaces
    group: Group
    place: int  # among the arguments of the step
    value: float

    @property
    def nothing(self) -> float | None:
        """The number that would change nothing in its place, if there is one."""
        name = self.places.steps(self.group)[0].name
        return NOTHING.get(name) if self.place or name in EITHER_WAY else None

    @property
    def written(self) -> str:
        """How it is written."""
        return argument_text(self.places.steps(self.group)[0], self.place) or f"{self.value:g}"

    def gradients(self, number: float) -> dict[str, Floats]:
        """Return what the gradients are with another number in its place."""
        steps = {}
        for k, step in zip(self.group, self.places.steps(self.group), strict=True):
            if step.otherwise is not None:
                steps[k] = step.otherwise(self.place, number)
        return WayThrough(self.places.record.replayed(steps), self.places.way.cotangent).gradients({})


def plain_numbers(places: StepPlaces) -> Iterator[PlainNumber]:
    """Yield the numbers that stand beside what is moved, each the same in all turns of its loop."""
    for group in places.moved:
        first, *others = places.steps(group)
        for place, value in first.numbers.items():
            if math.isfinite(value) and all(step.numbers.get(place) == value for step in others):
                yield PlainNumber(places, group, place, value)
