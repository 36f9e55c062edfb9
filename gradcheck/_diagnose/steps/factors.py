"""Does another array stand where the other factor of a product is meant, or the same one untransposed?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from gradcheck._diagnose.evidence import MATRIX, Floats
from gradcheck._diagnose.steps.joint_function import listed
from gradcheck._diagnose.steps.places import Alternative, Group, StepPlaces
from gradcheck._diagnose.steps.source_text import PRODUCTS, operand_text
from gradcheck._diagnose.steps.way_through import Change, Shares


def exchanged(places: StepPlaces) -> Iterator[Alternative]:
    """Yield the ways back through a product with another factor beside the one that is moved."""
    for group, j, _ in places.operands():
        steps = places.steps(group)
        if steps[0].name not in PRODUCTS or any(len(step.operands) != MATRIX for step in steps):
            continue
        meant = [step.operands[1 - j] for step in steps]
        of, place = operand_text(steps[0], 1 - j), places.place(group)
        for words, turned in _turned(places.of(meant)):
            yield Alternative(f"{of} where {words} is meant, {place}", _with(places, group, j, turned))
        for taken in _alike(places, meant):
            said = f"{places.names.get(taken[0], 'another array')} where {of} is meant, {place}"
            yield Alternative(said, _with(places, group, j, places.of(taken)))


def _turned(meant: Sequence[Floats]) -> Iterator[tuple[str, Sequence[Floats]]]:
    """Yield the same factors otherwise, and what is then said to be meant."""
    shape = meant[0].shape
    if any(a.ndim != len(shape) for a in meant):
        return  # they are not turned alike: a matrix in one turn, and a vector in another
    if len(shape) == MATRIX and shape[0] == shape[1]:
        yield "its transpose", [a.T for a in meant]
    for last in range(1, min(len(shape), MATRIX) + 1):
        axes = tuple(range(len(shape) - last, len(shape)))
        yield f"it reversed along {listed(axes)}", [np.flip(a, axes) for a in meant]


def _alike(places: StepPlaces, meant: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield values of the same shape, which are met as often, or once for all."""
    runs = [[step.made for step in places.steps(group)] for group in places.every]
    once = [[node] * len(meant) for node in range(len(places.record.values)) if node not in places.maker]
    for taken in (*runs, *once):
        if len(taken) == len(meant) and taken != meant and places.fit(taken, meant):
            yield taken


def _with(places: StepPlaces, group: Group, j: int, taken: Sequence[Floats]) -> Change:
    return {k: partial(_beside, places, k, j, other) for k, other in zip(group, taken, strict=True)}


def _beside(places: StepPlaces, k: int, j: int, other: Floats, pull: Floats) -> Shares:
    yield from places.without(k, j, pull)
    yield places.record.steps[k].operands[j], places.way.share(k, j, pull, {1 - j: other})
