"""Numbers are found in a layer wherever they stand, and others are put in their place."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest

from gradcheck import InputError, Verdict, check_gradients
from gradcheck._adapters.layer_places import LayerState, at, held_by, like, objects_in, put

RNG = np.random.default_rng(0)
X, W = RNG.normal(size=(5, 3)), RNG.normal(size=(3, 3))

HELD = {
    "an array": (np.ones(2), {()}),
    "of whole numbers": (np.arange(2), {()}),
    "of truths": (np.array([True]), set()),
    "a list of numbers": ([1.0, 2], {()}),
    "of whole ones": ([1, 2], {("[0]",), ("[1]",)}),
    "rows": ([[1.0, 2.0], [3.0, 4.0]], {()}),
    "ragged rows": ([[1.0], [2.0, 3.0]], {("[0]",), ("[1]",)}),
    "arrays": ([np.ones(2), 0.5], {("[0]",), ("[1]",)}),
    "a dict": ({"W": np.ones(2), "name": "first"}, {(".W",)}),
    "an object": (SimpleNamespace(grad=np.float32(1)), {(".grad",)}),
    "a truth": (True, set()),
    "a function": (np.sin, set()),
}


@pytest.mark.parametrize(("held", "places"), HELD.values(), ids=HELD)
def test_numbers_are_found_wherever_they_stand(held, places):
    layer = SimpleNamespace(held=held)
    assert {*LayerState.of("", layer).things} == {(".held", *place) for place in places}


@pytest.mark.parametrize("held", [[0.5, 1.0], {"W": 0.5}, SimpleNamespace(W=0.5)], ids=["list", "dict", "object"])
def test_what_is_put_somewhere_is_there(held):
    layer = SimpleNamespace(held=[held])
    place = (".held", "[0]", "[0]" if isinstance(held, list) else ".W")
    put(layer, place, 2.5)
    assert at(layer, place) == 2.5


@pytest.mark.parametrize("thing", [0.5, 1, np.float32(0.5), [0.5], np.ones(1)], ids=lambda thing: type(thing).__name__)
def test_numbers_take_the_form_of_those_before_them(thing):
    """But for a whole number, which no small step moves."""
    numbers = np.full(np.shape(thing), 0.25)
    made = like(thing, numbers)
    assert np.array_equal(made, numbers)
    assert type(made) is (float if type(thing) is int else type(thing))


@dataclass
class Linear:
    """A layer that is a dataclass, and not one in the reference style."""

    W: np.ndarray
    off: float = 1.0
    x: np.ndarray = field(default=None, repr=False)
    dW: np.ndarray = None

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dy):
        self.dW = self.off * self.x.T @ dy
        return dy @ self.W.T


def test_a_dataclass_with_a_way_back_of_its_own_keeps_its_gradients_in_itself():
    assert check_gradients(Linear(W.copy()), X).verdict is Verdict.CORRECT
    assert {entry.tensor for entry in check_gradients(Linear(W.copy(), off=1.01), X).wrong} == {"W"}


class Activation:
    """What is called, and goes back; it has no forward."""

    def __init__(self, off):
        self.W, self.off = W.copy(), off

    def __call__(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dy):
        self.dW = self.off * self.x.T @ dy
        return dy @ self.W.T


class Network:
    def __init__(self, off=1.0):
        self.layers = [Activation(1.0), Activation(off)]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def backward(self, dy):
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        return dy


def test_parts_that_are_called_are_looked_into():
    """What can be called is a function only if it is not of a class of the user's."""
    right = check_gradients(Network(), X)
    assert right.verdict is Verdict.CORRECT
    assert {*right.tensors} == {"layer.layers[0].W", "layer.layers[1].W", "x"}
    assert {entry.tensor for entry in check_gradients(Network(off=1.01), X).wrong} == {"layer.layers[1].W"}


def test_several_outputs_are_refused_with_what_to_write():
    class States(Linear):
        def forward(self, x):
            out = super().forward(x)
            return out, out[-1]

    with pytest.raises(InputError, match=r"forward returned a tuple of 2; .*vjp=backward"):
        check_gradients(States(W.copy()), X)


class Mute(dict):
    """What may be asked for nothing, as a foreign thing that a layer holds."""

    def items(self):
        raise TypeError

    def __getattr__(self, name):
        raise RuntimeError(name)


class Holding:
    """A dense layer that holds a foreign thing."""

    def __init__(self, factor):
        self.W, self.factor, self.foreign = np.random.default_rng(0).normal(size=(3, 2)), factor, Mute()

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dy):
        self.dW = self.factor * self.x.T @ dy
        return dy @ self.W.T


@pytest.mark.parametrize(("factor", "wrong"), [(1.0, []), (1.01, ["W"])])
def test_what_a_layer_holds_may_answer_with_errors(factor, wrong):
    """It is left alone, and the layer is checked."""
    report = check_gradients(Holding(factor), np.full((2, 3), 0.3))
    assert [name for name, tensor in report.tensors.items() if tensor.wrong] == wrong
    assert set(report.tensors) == {"W", "x"}


def test_what_holds_layers_is_looked_at_with_them():
    """Itself the first, whether it is a layer or not."""

    class Layer:
        def forward(self, x):
            return x

        def backward(self, dy):
            return dy

    layer = Layer()
    network = SimpleNamespace(layers=[layer])
    assert held_by(network) == [("", network), ("layers[0]", layer)]
    assert held_by(layer) == [("", layer)]


def test_every_object_in_which_a_call_may_set_something_is_found():
    """In lists, dicts and one another; the thing itself last, numbers and functions not."""
    inner = SimpleNamespace(W=np.ones(2))
    middle = SimpleNamespace(parts={"a": [inner]}, f=np.sin, number=1.0)
    outer = SimpleNamespace(first=middle, again=inner)
    found = objects_in(outer)
    assert len(found) == 3
    assert all(thing is want for thing, want in zip(found, (inner, middle, outer), strict=True))
    assert objects_in(middle.f) == [middle.f]


def test_layers_in_a_list_that_is_a_layer_itself_are_looked_at():
    """And its attributes."""

    class Scale:
        def __init__(self, off=1.0):
            self.W, self.off = W.copy(), off

        def forward(self, x):
            self.x = x
            return x @ self.W

        def backward(self, dy):
            self.dW = self.off * self.x.T @ dy
            return dy @ self.W.T

    class Sequential(list):
        def __init__(self, layers, last):
            super().__init__(layers)
            self.last = last

        def forward(self, x):
            for layer in [*self, self.last]:
                x = layer.forward(x)
            return x

        def backward(self, dy):
            for layer in [self.last, *self[::-1]]:
                dy = layer.backward(dy)
            return dy

    for n, name in enumerate(("layer.[0].W", "layer.[1].W", "layer.last.W")):
        first, second, last = (Scale(1.01 if k == n else 1.0) for k in range(3))
        assert {entry.tensor for entry in check_gradients(Sequential([first, second], last), X).wrong} == {name}
    assert check_gradients(Sequential([Scale(), Scale()], Scale()), X).verdict is Verdict.CORRECT
