"""Is the gradient that of the function with another number in one of its steps, or without it, or along another axis?

A small number under a root that the backward forgets, or a limit, a temperature or a slope that is another there. The
run is made again with the other number, from its record, and so costs no call of the function.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gradcheck._diagnose.evidence import Floats
from gradcheck._diagnose.steps.places import StepPlaces
from gradcheck._diagnose.steps.source_text import argument_text
from gradcheck._diagnose.steps.way_through import WayThrough
from gradcheck._model.run_step import Place

NOTHING = {"add": 0.0, "subtract": 0.0, "multiply": 1.0, "divide": 1.0}  # numbers that change nothing in such a step
EITHER_WAY = ("add", "multiply")  # steps that do not ask which of the two comes first


@dataclass(frozen=True)
class PlainNumber:
    """A number in the code that stands beside what is moved."""

    places: StepPlaces
    stands: Mapping[int, Place]  # steps, by their numbers, each with its place among the arguments
    value: float

    @property
    def nothing(self) -> float | None:
        """The number that would change nothing in its place, if there is one."""
        name = self.places.record.steps[next(iter(self.stands))].name
        return NOTHING.get(name) if self._place or name in EITHER_WAY else None

    @property
    def written(self) -> str:
        """How it is written."""
        step = self.places.record.steps[next(iter(self.stands))]
        return (argument_text(step, self._place) if isinstance(self._place, int) else "") or f"{self.value:g}"

    @property
    def literal(self) -> bool:
        """Whether it is written as a number, not by a name."""
        return self.written[:1].isdigit() or self.written[:1] in ".-"

    @property
    def place(self) -> str:
        """In what it stands, as that is written."""
        return self.places.place(list(self.stands))

    @property
    def _place(self) -> Place:
        return next(iter(self.stands.values()))

    def gradients(self, number: float) -> dict[str, Floats]:
        """Return what the gradients are with another number in its place."""
        steps = {}
        for k, place in self.stands.items():
            otherwise = self.places.record.steps[k].otherwise
            if otherwise is not None:
                steps[k] = otherwise(place, number)
        return WayThrough(self.places.record.replayed(steps), self.places.way.cotangent).gradients({})


def plain_numbers(places: StepPlaces) -> Iterator[PlainNumber]:
    """Yield the numbers that stand beside what is moved, each the same in all turns of its loop."""
    for group in places.moved:
        first, *others = places.steps(group)
        for place, value in first.numbers.items():
            if math.isfinite(value) and all(step.numbers.get(place) == value for step in others):
                yield PlainNumber(places, dict.fromkeys(group, place), value)


def axes(places: StepPlaces) -> Iterator[tuple[PlainNumber, list[int]]]:
    """Yield the axes along which is worked, each with all the steps along it, and the axes that there are besides."""
    along: dict[tuple[int, int], dict[int, Place]] = defaultdict(dict)
    for k in (k for group in places.moved for k in group):
        step = places.record.steps[k]
        if step.axis is not None:
            place, axis = step.axis
            count = places.record.values[step.operands[0]].ndim
            along[axis % count, count][k] = place
    for (axis, count), stands in along.items():
        yield PlainNumber(places, stands, axis), [other for other in range(count) if other != axis]
