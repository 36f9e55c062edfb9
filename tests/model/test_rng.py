"""Random generators are found, pinned before every call, and put back."""

from __future__ import annotations

import functools
import itertools
import random

import numpy as np
import pytest
from states import TwoLayers, X, Y, generators, state_of

from gradcheck import Verdict, check_gradients
from gradcheck._model.rng import Pins

pytestmark = pytest.mark.usefixtures("known_generators")


# -------------------------------------------------------------------------------------- whole calls


def test_a_wrong_gradient_is_found_behind_a_dropout_mask():
    """The mask is the same at every call, so a wrong bias is named, and nothing else accused."""

    class Wrong(TwoLayers):
        def loss(self, x, y):
            cost, grads = super().loss(x, y)
            return cost, grads | {"b1": grads["b1"] * 1.001}

    report = check_gradients(Wrong(), X, Y)
    assert {e.tensor for e in report.wrong} == {"b1"}
    assert report.problems == ()


# ----------------------------------------------------------------------------------- random numbers


def masked(draw):
    """Return function and gradient of the sum of x times random numbers, in each of three ways."""
    return {
        "grad": lambda x: check_gradients(lambda x: float(x @ draw()), x, grad=lambda _: draw()),
        "value_and_grad": lambda x: check_gradients(lambda x: [float(x @ (m := draw())), m], x, value_and_grad=True),
        "vjp": lambda x: check_gradients(lambda x: x * draw(), x, vjp=lambda _, u: u * draw()),
    }


WAYS = ["grad", "value_and_grad", "vjp"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "draw",
    [lambda: np.random.uniform(1, 2, 2), lambda: np.array([random.uniform(1, 2), random.gauss(1, 0.1)])],  # noqa: NPY002
    ids=["numpy", "python"],
)
def test_the_global_generators_are_pinned_and_put_back(way, draw):
    """Each call sees the same random numbers, and afterwards the user's next draw is what it would have been."""
    before = generators()
    assert masked(draw)[way](X[0]).verdict is Verdict.CORRECT
    assert generators() == before


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState, random.Random])
def test_a_generator_in_a_closure_is_pinned_and_put_back(way, make):
    """Of any of the three kinds."""
    rng, twin = make(7), make(7)
    normal = rng.gauss if make is random.Random else rng.normal

    def draw():
        return np.array([normal(2, 0.1), normal(3, 0.1)])

    assert masked(draw)[way](X[0]).verdict is Verdict.CORRECT
    assert rng.random() == twin.random()


class Dropout:
    def __init__(self, rng):
        self.rng = rng

    def __call__(self, x):
        return x * (self.rng.random(x.shape) < 0.5)


class Stack:
    def __init__(self, rng):
        self.layers = [Dropout(rng)]

    def f(self, x):
        return float(self.layers[0](x).sum())

    def df(self, x):
        return self.layers[0](np.ones_like(x))


def default_argument(rng):
    def f(x, rng=rng):
        return float(x @ rng.random(2))

    return f, lambda x, rng=rng: rng.random(2)


def bound_method(rng):
    dropout = Dropout(rng)
    return lambda x: float(dropout(x).sum()), lambda x: dropout(np.ones_like(x))


def partial(rng):
    return (
        functools.partial(lambda r, x: float(x @ r.random(2)), rng),
        functools.partial(lambda r, _: r.random(2), rng),
    )


def method_of_a_network(rng):
    net = Stack(rng)
    return net.f, net.df


def closure_over_a_network(rng):
    net = Stack(rng)
    return lambda x: net.f(x) + 1, lambda x: net.df(1 * x)


@pytest.mark.parametrize(
    "make",
    [default_argument, bound_method, partial, method_of_a_network, closure_over_a_network],
)
def test_a_generator_is_found_where_people_keep_it(make):
    """In defaults, attributes, partials, and in a layer of the network whose method is called."""
    rng = np.random.default_rng(7)
    before = state_of(rng)
    f, df = make(rng)
    assert check_gradients(f, np.array([1.0, 2.0]), grad=df).problems == ()
    assert state_of(rng) == before


def test_a_generator_given_as_an_argument_is_pinned():
    """It is no float array, so nothing is asked of the gradient; its state is put back."""
    rng = np.random.default_rng(7)
    before = state_of(rng)
    report = check_gradients(lambda x, r: float(x @ r.random(2)), X[0], rng, grad=lambda _, r: r.random(2))
    assert report.verdict is Verdict.CORRECT
    assert state_of(rng) == before


def test_a_generator_given_as_an_argument_of_a_pullback_is_pinned():
    """With vjp= as with grad=."""
    rng = np.random.default_rng(7)
    before = state_of(rng)
    report = check_gradients(lambda x, r: x * r.random(2), X[0], rng, vjp=lambda _, r, u: u * r.random(2))
    assert report.verdict is Verdict.CORRECT
    assert state_of(rng) == before


def test_numbers_that_no_generator_explains_are_broken():
    """What changes from call to call in spite of all pinning is not called wrong; the sentence says so."""
    count = itertools.count()
    report = check_gradients(lambda x: float(x @ x) + 1e-3 * next(count), X[0], grad=lambda x: 2 * x)
    assert report.verdict is Verdict.BROKEN
    assert "changes from call to call" in report.problems[0].sentence


def test_pins_put_back_what_has_moved_and_nothing_else():
    """Restoring twice is restoring once; only generators that calls moved are pinned before the next."""
    moved, still = np.random.default_rng(1), np.random.default_rng(2)
    before = state_of([moved, still])
    pins = Pins(lambda: (moved, still))
    assert not pins.notice()
    moved.random()
    assert pins.notice()
    assert len(pins.drawn) == 1
    first = moved.random(3)
    pins.pin()
    assert np.array_equal(moved.random(3), first)
    pins.restore()
    pins.restore()
    assert state_of([moved, still]) == before


def test_generators_are_taken_afresh_as_they_are_by_then():
    """They are not looked for again, and none of them is known to be moved by calls."""
    mine = np.random.default_rng(1)
    found = Pins(lambda: mine)
    mine.random()
    found.notice()
    mine.random()
    later = found.afresh()
    by_then = state_of([mine])
    assert (later.sources is found.sources, later.drawn, found.drawn) == (True, [], [2])
    mine.random()
    later.restore()
    assert state_of([mine]) == by_then


def test_a_closure_that_refers_to_itself_is_searched_once():
    """Cycles end, and a cell that is empty yet is skipped."""

    def f(n):
        return f(n - 1) if later else n

    assert Pins(f).sources[2:] == []
    later = [f]
    later.append(later)
    later.append(np.random.default_rng(0))
    assert len(Pins(f).sources) == 3
