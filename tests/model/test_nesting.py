"""A container that holds itself, or is too deep for any walk, is refused by name; what is only shared is not."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from gradcheck import InputError, Oracle, Verdict, check_gradients
from gradcheck._model.nesting import DEEPEST, refuse_endless

X = np.ones(3)


def nested(thing, times, way=lambda inner: [inner]):
    """Return a thing in so many containers."""
    for _ in range(times):
        thing = way(thing)
    return thing


def endless(container, put):
    """Return a container that holds itself."""
    put(container)
    return container


ENDLESS = {
    "a list in itself": endless([X], lambda own: own.append(own)),
    "a dict in itself": endless({"a": X}, lambda own: own.update(own=own)),
    "a list in a dict in the list": endless([X], lambda own: own.append({"up": (own,)})),
    "five hundred lists": nested(X, 500),
    "five hundred dicts": nested(X, 500, lambda inner: {"a": inner}),
    "five thousand tuples": nested(X, 5000, lambda inner: (X, inner)),
}


@pytest.mark.parametrize("thing", ENDLESS.values(), ids=list(ENDLESS))
def test_what_has_no_end_is_refused(thing):
    """As argument, as data, among parameters and as the point of an oracle."""
    model = SimpleNamespace(params=thing, loss=lambda x: (float(np.sum(x)), thing))
    calls = [
        (lambda p: 0.0, thing),
        (lambda x, p: 0.0, X, thing),
        (model, X),
        (Oracle(thing, lambda p: 0.0, lambda p: thing),),
    ]
    for model, *args in calls:
        said = {"grad": lambda *given: given[0]} if len(args) and callable(model) else {}
        with pytest.raises(InputError, match=r"contains itself, so there is no end|holds more than 100 containers"):
            check_gradients(model, *args, **said)


def test_the_name_of_what_is_refused_is_said():
    """An argument by its number, a keyword by its name."""
    with pytest.raises(InputError, match=r"^argument 2 contains itself"):
        refuse_endless({"argument 1": [X], "argument 2": ENDLESS["a list in itself"]})
    refuse_endless({"deep": nested(X, DEEPEST)})
    with pytest.raises(InputError, match=r"^deep holds more than 100"):
        refuse_endless({"deep": nested(X, DEEPEST + 2)})


def test_what_is_shared_is_no_circle():
    """One list in two places, and the same tuple of nothing everywhere."""
    pair = [X, ()]
    refuse_endless({"shared": {"a": pair, "b": (pair, ()), "c": [pair, [pair]]}})


def test_fifty_containers_are_no_matter():
    """A right gradient in them is right."""

    def inner(p):
        while isinstance(p, list):
            (p,) = p
        return p

    deep = nested(X, 50)
    report = check_gradients(lambda p: float(np.sum(inner(p) ** 3)), deep, grad=lambda p: nested(3 * inner(p) ** 2, 50))
    assert report.verdict is Verdict.CORRECT


def test_the_keys_1_and_the_word_for_it_are_two():
    """Each has its gradient, and its name."""
    report = check_gradients(
        lambda p: float(np.sum(p[1] ** 2) + np.sum(p["1"] ** 3)),
        {1: X, "1": 2 * X},
        grad=lambda p: {1: 2 * p[1], "1": 3.1 * p["1"] ** 2},
    )
    assert {name: tensor.wrong for name, tensor in report.tensors.items()} == {"[1]": 0, "1": 3}


def test_a_list_that_cannot_be_walked_through_its_own_way_is_walked_through():
    """By what its base can do."""

    class Closed(list):
        def __iter__(self):
            raise RuntimeError

    refuse_endless({"x": Closed([X])})
    with pytest.raises(InputError, match="x contains itself"):
        refuse_endless({"x": endless(Closed(), lambda own: own.append(own))})
