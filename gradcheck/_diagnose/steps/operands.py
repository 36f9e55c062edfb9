"""Is what a step owes to one of its operands left out, or not all of it, or handed to another?"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from gradcheck._diagnose.evidence import MATRIX, Floats
from gradcheck._diagnose.steps.joint_function import listed
from gradcheck._diagnose.steps.places import Alternative, Group, StepPlaces
from gradcheck._diagnose.steps.source_text import PRODUCTS, factor_text
from gradcheck._diagnose.steps.way_through import Shares, summed

TAKEN_OUT = "getitem"  # what a step is called that takes entries out of an array
TWICE = "of an index that comes twice the last use alone counts"

Reduction = Callable[[Floats], Floats]


def left_out(places: StepPlaces) -> Iterator[Alternative]:
    """Yield each way back without one operand, such as a factor of a product that is itself moved."""
    for group, j, of in places.operands():
        said = f"the way back through {of}, {places.place(group)}"
        yield Alternative(said, {k: partial(places.without, k, j) for k in group}, part=True)


def handed_on(places: StepPlaces) -> Iterator[Alternative]:
    """Yield what comes from above, as it is or in another order, in the place of a derivative or beside a factor."""
    for group, j, of in places.operands():
        steps, place = places.steps(group), places.place(group)
        shapes = {(places.record.values[s.operands[j]].shape, places.record.values[s.made].shape) for s in steps}
        factor = steps[0].name in PRODUCTS and len(steps[0].operands) == MATRIX
        if all(x == y for x, y in shapes):
            lost = factor_text(steps[0], j) or "the derivative"
            said = f"{lost} is left out on the way back to {of}, {place}"
            yield Alternative(said, {k: partial(places.instead, k, j, _unchanged) for k in group})
        elif all(math.prod(x) == math.prod(y) for x, y in shapes):
            said = f"what comes from above is reshaped on the way back to {of}, {place}: its axes are in another order"
            pairs = zip(group, places.of([step.operands[j] for step in steps]), strict=True)
            change = {k: partial(places.instead, k, j, partial(_as, x)) for k, x in pairs}
            yield Alternative(said, change)
        if factor and all(len(y) == MATRIX and y[0] == y[1] for _, y in shapes):
            said = f"what comes from above is transposed on the way back to {of}, {place}"
            yield Alternative(said, {k: partial(_of_transpose, places, k, j) for k in group})


def _unchanged(pull: Floats) -> Floats:
    return pull


def _as(x: Floats, pull: Floats) -> Floats:
    return pull.reshape(x.shape)


def _of_transpose(places: StepPlaces, k: int, j: int, pull: Floats) -> Shares:
    yield from places.without(k, j, pull)
    yield places.record.steps[k].operands[j], places.way.share(k, j, pull.T)


def repeated(places: StepPlaces) -> Iterator[Alternative]:
    """Yield what may be wrong with the sum over the places along which an operand is repeated."""
    for group, j, of in places.operands():
        first = places.record.steps[group[0]]
        shape, full = (places.record.values[k].shape for k in (first.operands[j], first.made))
        for words, reduction in _reductions(shape, full) if first.by_entry and shape != full else ():
            change = {k: partial(places.instead, k, j, partial(_reduced, places, k, j, reduction)) for k in group}
            yield Alternative(f"{words}, for {of} {places.place(group)}", change)


def _reduced(places: StepPlaces, k: int, j: int, reduction: Reduction, pull: Floats) -> Floats:
    return reduction(pull * places.way.derivative(k, j))


def _reductions(shape: tuple[int, ...], full: tuple[int, ...]) -> Iterator[tuple[str, Reduction]]:
    n = math.prod(full) // max(math.prod(shape), 1)
    yield "the mean where the sum is meant", lambda a: summed(a, shape) / n
    lead = len(full) - len(shape)
    axes = tuple(k for k in range(len(full)) if k < lead or shape[k - lead] != full[k])
    for (k, word), axis in itertools.product(((0, "first"), (-1, "last")), axes):
        yield f"only the {word} along axis {axis} where the sum is meant", partial(_alone, k, axis, shape)
    for others in itertools.combinations(range(len(full)), len(axes)):
        if others != axes and math.prod(n for k, n in enumerate(full) if k not in others) == math.prod(shape):
            said = f"the sum over {listed(others)} where that over {listed(axes)} is meant"
            yield said, partial(_along, others, shape)


def _alone(k: int, axis: int, shape: tuple[int, ...], a: Floats) -> Floats:
    return summed(a.take([k], axis=axis), shape)


def _along(axes: tuple[int, ...], shape: tuple[int, ...], a: Floats) -> Floats:
    total: Floats = a.sum(axis=axes)
    return total.reshape(shape)


def met_again(places: StepPlaces) -> Iterator[Alternative]:
    """Yield what is left of an array that is met in each turn of a loop: the first turn, the last, or all others."""
    for group, j, of in places.operands():
        if len(group) > 1 and len({step.operands[j] for step in places.steps(group)}) == 1:
            for met, word in ((group[0], "first"), (group[-1], "last")):
                said = f"of the {len(group)} times that {of} is met {places.place(group)}, the {word}"
                others = {k: partial(places.without, k, j) for k in group if k != met}
                yield Alternative(f"{said} alone counts", others)
                yield Alternative(f"{said} is left out", {met: partial(places.without, met, j)})


def taken_out(places: StepPlaces) -> Iterator[Alternative]:
    """Yield what may be wrong where entries are taken out of an array: overwritten, or put in another's place."""
    parts = [group for group in places.moved if places.record.steps[group[0]].name == TAKEN_OUT]
    over = [{k: partial(_overwriting, places, k) for k in group} for group in parts]
    for group, change in zip(parts, over, strict=True):
        yield Alternative(f"{TWICE}, {places.place(group)}", change)
    if len(over) > 1:
        every = {k: back for change in over for k, back in change.items()}
        yield Alternative(f"{TWICE}, {' and '.join(map(places.place, parts))}", every)
    for one, other in itertools.combinations(parts, 2):
        if _alike(places, one, other):
            said = f"what comes back to {places.written(one)} and to {places.written(other)} is exchanged"
            pairs = [*zip(one, other, strict=True), *zip(other, one, strict=True)]
            yield Alternative(said, {k: partial(places.way.shares, n) for k, n in pairs})


def _overwriting(places: StepPlaces, k: int, pull: Floats) -> Shares:
    node, *index = places.record.steps[k].operands
    x = places.record.values[node]
    at = places.record.steps[k].function([np.arange(x.size).reshape(x.shape), *places.of(index)])
    put = np.zeros(x.size)
    put[np.ravel(at)] = np.ravel(pull)
    yield node, put.reshape(x.shape)


def _alike(places: StepPlaces, one: Group, other: Group) -> bool:
    """Whether as many parts of the same arrays, of the same shapes, are taken out at two places."""
    if len(one) != len(other):
        return False
    pairs = list(zip(places.steps(one), places.steps(other), strict=True))
    return all(a.operands[0] == b.operands[0] and places.fit([a.made], [b.made]) for a, b in pairs)
