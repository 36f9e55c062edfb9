"""Whatever happens, parameters, inputs and random generators are bit for bit what they were."""

from __future__ import annotations

import contextlib
import functools
from dataclasses import dataclass

import numpy as np
import pytest
from states import TwoLayers, X, Y, generators, state_of

from gradcheck import GradientError, InputError, Verdict, check_gradients
from gradcheck._model.restore import preserved
from gradcheck.networks import Chain, Dense, Tanh, parameters

pytestmark = pytest.mark.usefixtures("known_generators")


class Interrupting:
    """Counts calls of function and gradient, and interrupts the k-th of them."""

    calls = 0  # of the last one made: what one holds itself is put back, as all that is in a network

    def __init__(self, at=0, error=KeyboardInterrupt):
        self.at, self.error = at, error
        Interrupting.calls = 0

    def __call__(self):
        Interrupting.calls += 1
        if self.calls == self.at:
            raise self.error


def test_a_network_is_what_it_was():
    """Parameters, caches, lists, its generator, its inputs and the global generators, after a call that returns."""
    net, x, y = TwoLayers(), X.copy(), Y.copy()
    before = state_of(net), state_of([x, y]), generators()
    assert check_gradients(net, x, y).verdict is Verdict.CORRECT
    assert (state_of(net), state_of([x, y]), generators()) == before


def small(net, x, y):
    return check_gradients(net, x, y, wrt="W*", entries=1, neighbours=1)


def total_calls():
    counter = Interrupting()
    small(TwoLayers(counter), X, Y)
    return counter.calls


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError, MemoryError])
def test_a_network_is_what_it_was_after_an_accident_at_any_call(error):
    """Interrupted, or raising, at the first, second, ..., last call of all that a check makes."""
    net, x, y = TwoLayers(), X.copy(), Y.copy()
    before = state_of(net), state_of([x, y]), generators()
    total, stopped = total_calls(), 0
    for k in range(1, total + 1):
        tick = net.tick = Interrupting(k, error)
        try:
            small(net, x, y)
        except (KeyboardInterrupt, GradientError):
            stopped += 1
        assert tick.calls >= k
        net.tick = TwoLayers().tick
        now = state_of(net) | {"tick": before[0]["tick"]}
        assert (now, state_of([x, y]), generators()) == before, f"call {k} of {total}"
    assert total > 40
    assert stopped == total or error is ZeroDivisionError


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError, MemoryError])
def test_a_reference_network_is_what_it_was_after_an_accident_at_any_call(error):
    """Its layers cannot change, their arrays can: of these none is another, or elsewhere."""

    @dataclass(frozen=True)
    class Ticking(Dense):
        tick: object = None

        def forward(self, x):
            self.tick()
            return super().forward(x)

    tick = Interrupting()
    net, x = Chain([Ticking(np.ones((2, 2)), np.zeros(2), tick=tick), Tanh()]), X.copy()
    before = state_of(parameters(net)), state_of(x), generators()

    def check(at):
        Interrupting.calls, tick.at, tick.error = 0, at, error
        with contextlib.suppress(error, GradientError):
            check_gradients(net, x, entries=1, neighbours=1)
        return tick.calls

    total = check(0)
    assert total > 40
    for k in range(1, total + 1):
        assert check(k) >= k
        assert (state_of(parameters(net)), state_of(x), generators()) == before, f"call {k} of {total}"


def squares(p, tick):
    tick()
    return float(np.sum(p["W"] ** 2) + np.sum(p["b"] ** 3))


def d_squares(p, tick):
    tick()
    return {"W": 2 * p["W"], "b": 3 * p["b"] ** 2}


def test_a_dict_of_arrays_is_what_it_was_after_an_interrupt_at_any_call():
    """Arrays, read-only ones among them, for calls of the gradient as for those of the function."""
    point = {"W": X.copy(), "b": Y.copy()}
    point["b"].flags.writeable = False
    before = state_of(point), generators()

    def check(tick):
        check_gradients(
            functools.partial(squares, tick=tick),
            point,
            grad=functools.partial(d_squares, tick=tick),
            entries=1,
            neighbours=1,
        )

    counter = Interrupting()
    check(counter)
    assert counter.calls > 50
    for k in range(1, counter.calls + 1):
        with pytest.raises(KeyboardInterrupt):
            check(Interrupting(k))
        assert (state_of(point), generators()) == before, f"call {k} of {counter.calls}"


def test_the_users_arrays_are_never_written_to():
    """Neither the function nor its gradient is given the user's own arrays: writing to them does him no harm."""

    def vandal(x):
        value = float(x @ x)
        x *= 0
        return value

    x = X[0].copy()
    report = check_gradients(vandal, x, grad=lambda x: 2 * x)
    assert report.verdict is Verdict.BROKEN
    assert np.array_equal(x, X[0])


def test_attributes_containers_and_arrays_are_put_back():
    """New attributes go, old ones return, with the very dicts, lists and arrays that they were."""
    net = TwoLayers()
    before, W1 = state_of(net), net.params["W1"]

    def spoil():
        net.params["W1"] += 1
        net.params["W2"] = np.zeros(7)
        net.params["new"] = 1
        del net.params["b1"]
        net.history.append(3)
        net.rng = None
        net.cache = X
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), preserved(net):
        spoil()
    assert state_of(net) == before
    assert net.params["W1"] is net.first is W1


def test_layers_within_a_network_are_put_back():
    """Running statistics and caches of layers in a list, in attributes, or in slots; not what holds no array."""

    class Norm:
        __slots__ = ("cache", "mean")

        def __init__(self):
            self.mean = np.zeros(2)

    class Outer:
        def __init__(self):
            self.layers, self.norm, self.log = [Layer(), (Norm(),)], Norm(), Interrupting()

    net = Outer()
    mean = net.norm.mean
    with preserved(net):
        net.norm.mean = net.norm.mean + 1
        net.norm.cache = net.layers[0].x = X
        net.layers[1][0].mean += 1
        net.log()
    assert net.norm.mean is mean
    assert not net.layers[1][0].mean.any()
    assert not hasattr(net.norm, "cache")
    assert not hasattr(net.layers[0], "x")
    assert net.log.calls == 1


def test_integers_among_the_arguments_are_put_back():
    """They are the user's own, not copies."""
    order = np.arange(3)

    def f(x, order):
        order[:] = order[::-1].copy()
        return float(np.sum(x**2))

    check_gradients(f, np.ones(3), order, grad=lambda x, _: 2 * x)
    assert np.array_equal(order, np.arange(3))


@pytest.mark.parametrize("way", ["grad", "vjp"])
def test_the_object_of_a_partial_is_what_it_was(way):
    """As that of a method."""

    class Cached:
        def f(self, power, x):
            self.x = x
            return np.sum(x**power)

    net = Cached()
    report = check_gradients(functools.partial(net.f, 2), X[0], **{way: lambda x, u=1.0: 2 * x * u})
    assert report.verdict is Verdict.CORRECT
    assert vars(net) == {}


class OnlySlots:
    """A network without a __dict__."""

    __slots__ = ("h", "params")

    def __init__(self):
        self.params, self.h = {"W": X.copy()}, None

    def loss(self):
        return float(np.sum(self.params["W"] ** 2)), {"W": 2 * self.params["W"]}


class Layer:
    def __init__(self):
        self.W = X.copy()


class Nested:
    """A network whose params are views into its layers."""

    def __init__(self):
        self.layers = [Layer(), Layer()]

    @property
    def params(self):
        return {f"W{i}": layer.W for i, layer in enumerate(self.layers)}

    def loss(self):
        return float(sum(np.sum(W**2) for W in self.params.values())), {k: 2 * W for k, W in self.params.items()}


@pytest.mark.parametrize("make", [OnlySlots, Nested])
def test_parameters_are_put_back_wherever_they_are_kept(make):
    """In slots, or in layers to which `params` is but a view."""
    net = make()
    before = state_of(net.params)
    assert check_gradients(net).verdict is Verdict.CORRECT
    assert state_of(net.params) == before


def test_a_float32_network_that_reads_its_arrays_under_another_name():
    """Its params dict cannot be promoted, since forward reads self.W: a right gradient is not accused."""

    class Aliased:
        def __init__(self):
            self.W = X.astype(np.float32)
            self.params = {"W": self.W}

        def loss(self):
            return float(np.sum(self.W.astype(np.float64) ** 2)), {"W": 2 * self.W}

    net = Aliased()
    report = check_gradients(net)
    assert net.params["W"] is net.W
    assert report.wrong == ()


def test_arrays_of_single_precision_are_put_back_as_they_were():
    """Though they were measured in double: the dict holds the same float32 arrays again."""
    net = single()
    net.rng = Always()
    before = state_of(net)
    report = check_gradients(net, X, Y)
    assert report.wrong == ()
    assert any("measured in float64" in note for note in report.notes)
    assert state_of(net) == before


def single():
    """Return the network in float32."""
    net = TwoLayers()
    net.params = {k: v.astype(np.float32) for k, v in net.params.items()}
    return net


class Always:
    """Instead of a generator: every unit is kept."""

    def random(self, shape):
        return np.zeros(shape)


def test_dropout_does_not_keep_a_network_in_single_precision():
    """With the same mask both precisions have the same value, and it is measured in double."""
    report = check_gradients(single(), X, Y)
    assert any("measured in float64" in note for note in report.notes)


def test_the_object_of_a_method_is_what_it_was():
    """With vjp=pullback: what forward caches on self is gone afterwards."""

    class Cached:
        def __init__(self):
            self.calls, self.seen = 0, []

        def forward(self, x):
            self.calls += 1
            self.seen.append(self.calls)
            self.x = x
            return x**2

        def backward(self, x, u):
            return 2 * self.x * u

    layer = Cached()
    before = state_of(layer)
    assert check_gradients(layer.forward, X[0], vjp=layer.backward).verdict is Verdict.CORRECT
    assert state_of(layer) == before


def test_what_a_loss_does_to_its_own_arguments_is_undone():
    """A loss that normalises its batch in place is found out, and the batch is what it was."""

    class InPlace(TwoLayers):
        def loss(self, x, y):
            x -= x.mean(axis=0) - 1
            return super().loss(x**2, y)

    x = X.copy()
    check_gradients(InPlace(), x, Y)
    assert np.array_equal(x, X)


def test_nothing_happens_to_the_state_when_the_call_is_refused():
    """A typing mistake costs no random number and no weight."""
    net = TwoLayers()
    before = state_of(net), generators()
    for keywords in ({"rtol": 0}, {"entries": 0}, {"wrt": "nothing"}, {"loss": net}):
        with pytest.raises(InputError):
            check_gradients(net, X, Y, **keywords)
        assert (state_of(net), generators()) == before
