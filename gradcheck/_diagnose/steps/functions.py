"""Is the derivative of a function of one entry, or of several along an axis, another's? However it is written."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from gradcheck._diagnose.activation import ACTIVATIONS, BETWEEN_LAYERS, Activation, mistakes
from gradcheck._diagnose.evidence import Floats
from gradcheck._diagnose.steps.joint_function import JOINT, WayBack
from gradcheck._diagnose.steps.places import Alternative, Group, StepPlaces
from gradcheck._diagnose.steps.way_through import Change, Shares

SAME = 1e-12  # relative: values of a function, computed in two ways
ALIKE = (BETWEEN_LAYERS, tuple(a for a in ACTIVATIONS if a.name in ("sine", "cosine")))  # taken for one another


@dataclass(frozen=True)
class KnownFunction:
    """A place whose values are a known function of earlier ones, or of these with the other sign: 1 / (1 + exp(z))."""

    group: Group
    activation: Activation
    inner: list[int]
    sign: int

    def arguments(self, places: StepPlaces) -> list[Floats]:
        """Return what the function is of."""
        return [self.sign * x for x in places.of(self.inner)]

    def sloped(self, taken: Sequence[Floats]) -> Change:
        """Return the way back with something in the place of the derivatives."""
        return _sloped(self.group, self.inner, [self.sign * slope for slope in taken])


def slopes(places: StepPlaces) -> Iterator[Alternative]:
    """Yield what may be taken for the derivative of a known function, or of any that takes one entry."""
    known = list(_known(places))
    for one in known:
        taken = [list(_likely(one.activation, x)) for x in one.arguments(places)]
        for n, (words, _) in enumerate(taken[0]):
            instead = [each[n][1] for each in taken]
            if any(slope.any() for slope in instead):  # else the way back is left out, which is said more plainly
                yield Alternative(f"{words}, {places.place(one.group)}", one.sloped(instead))
        yield from _of_another_place(places, one, known)
    for group in places.moved:
        steps = places.steps(group)
        if steps[0].by_entry and all(len(step.operands) == 1 for step in steps):
            inner = [step.operands[0] for step in steps]
            for words, nodes in (("argument", inner), ("value", [step.made for step in steps])):
                said = f"the {words} itself in the place of the derivative, {places.place(group)}"
                yield Alternative(said, _sloped(group, inner, places.of(nodes)))


def _likely(a: Activation, x: Floats) -> Iterator[tuple[str, Floats]]:
    """Yield what is taken for a derivative; nobody takes that of a logarithm for that of a ReLU, though 1/x fits."""
    others = [b for b in ACTIVATIONS if not any(a in kind and b in kind for kind in ALIKE)]
    unlikely = {f"the derivative of {b.name} where that of {a.name} is meant" for b in others}
    yield from ((words, taken) for words, taken in mistakes(a, x) if words not in unlikely)
    yield f"the derivative of {a.name} has the wrong sign", -a.slope(x)
    if a.pieces and set(np.unique(a.slope(x)).tolist()) == {0.0, 1.0}:
        yield f"the derivative of {a.name} the wrong way round: 1 where it is 0, and 0 where it is 1", 1 - a.slope(x)


def _of_another_place(places: StepPlaces, one: KnownFunction, known: Sequence[KnownFunction]) -> Iterator[Alternative]:
    """Yield the derivatives of the same function elsewhere, as of another gate."""
    a, there = one.activation, places.place(one.group)
    for other in known:
        same = other.activation is a and other is not one and len(other.group) == len(one.group)
        if same and places.fit(one.inner, other.inner):
            said = f"the derivative of {a.name} {places.place(other.group)} where that {there} is meant"
            yield Alternative(said, one.sloped([a.slope(x) for x in other.arguments(places)]))


def _known(places: StepPlaces) -> Iterator[KnownFunction]:
    for group, a in itertools.product(reversed(places.moved), ACTIVATIONS):  # what is made of others comes first
        both = ((sign, places.inner(group, partial(_is_of, a, sign))) for sign in (1, -1))
        found = (KnownFunction(group, a, inner, sign) for sign, every in both for inner, _ in every)
        yield from itertools.islice((one for one in found if _shows(places, one)), 1)


def _shows(places: StepPlaces, one: KnownFunction) -> bool:
    """Return whether a function in pieces is more than the one that hands everything on, as many steps are."""
    made = zip(one.arguments(places), places.values(one.group), strict=True)
    return not one.activation.pieces or not all(_close(x, y) for x, y in made)


def _is_of(a: Activation, sign: int, x: Floats, y: Floats) -> bool:
    one = _close(a.f(sign * x.ravel()[:1]), y.ravel()[:1])  # mostly one entry tells
    return one and _close(a.f(sign * x), y)


def _close(a: Floats, b: Floats) -> bool:
    return bool((np.abs(a - b) <= SAME * np.abs(b)).all())


def _sloped(group: Group, inner: Sequence[int], taken: Sequence[Floats]) -> Change:
    return {k: partial(_times, x, slope) for k, x, slope in zip(group, inner, taken, strict=True)}


def _times(node: int, slope: Floats, pull: Floats) -> Shares:
    yield node, pull * slope


def joint(places: StepPlaces) -> Iterator[Alternative]:
    """Yield what may be taken for the way back through a softmax, a normalisation or a norm, the outer ones first."""
    for group, function in itertools.product(reversed(places.moved), JOINT):
        ndim = places.values(group)[0].ndim
        for inner, along in places.inner(group, function.axes_of):
            for words, back in function.mistakes(along[0], ndim) if len(set(along)) == 1 else ():
                pairs = zip(group, inner, places.of(inner), places.values(group), strict=True)
                change = {k: partial(_jointly, node, x, y, back) for k, node, x, y in pairs}
                yield Alternative(f"{words}, {places.place(group)}", change)


def _jointly(node: int, x: Floats, y: Floats, back: WayBack, pull: Floats) -> Shares:
    yield node, back(pull, x, y)
