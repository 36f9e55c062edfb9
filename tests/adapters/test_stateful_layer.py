"""Layers that keep what the way back needs: their parameters are found, moved, and put back."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from gradcheck import InputError, Verdict, check_gradients

RNG = np.random.default_rng(0)
X = RNG.normal(size=(5, 3))
LABELS = np.array([0, 2, 1, 1, 0])


class Dense:
    """Parameters and their gradients are attributes."""

    def __init__(self, n=3, m=2, off=1.0):
        self.W, self.b, self.off = RNG.normal(size=(n, m)), np.zeros(m), off

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dy):
        self.dW, self.db = self.x.T @ dy, self.off * dy.sum(axis=0)
        self.dx = dy @ self.W.T
        return self.dx


class Held(Dense):
    """They are in a dict, or a list."""

    def __init__(self, kind, off=1.0):
        super().__init__(off=off)
        self.params, self.grads = (
            ({"W": self.W, "b": self.b}, {}) if kind is dict else ([self.W, self.b], [0 * self.W, 0 * self.b])
        )

    def backward(self, dy):
        dx = super().backward(dy)
        keys = ("W", "b") if isinstance(self.grads, dict) else (0, 1)
        self.grads[keys[0]], self.grads[keys[1]] = self.dW, self.db
        del self.dW, self.db, self.dx
        return dx


class ReLU:
    """It has none."""

    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, dy):
        return dy * self.mask


class Chain:
    """Layers one after the other, each of which has its own."""

    def __init__(self, *layers):
        self.layers = layers

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dy):
        for layer in self.layers[::-1]:
            dy = layer.backward(dy)
        return dy


class Loss:
    """The way back begins at one number."""

    def __init__(self, n=5):
        self.n = n

    def forward(self, x, labels):
        e = np.exp(x)
        self.p, self.labels = e / e.sum(axis=1, keepdims=True), labels
        return -np.log(self.p[np.arange(len(x)), labels]).mean()

    def backward(self, dout=1):
        return (self.p - np.eye(3)[self.labels]) / self.n


MADE = {
    "attributes": (lambda off: Dense(off=off), "b"),
    "a dict": (lambda off: Held(dict, off), "b"),
    "a list": (lambda off: Held(list, off), "layer.params[1]"),
    "a chain": (lambda off: Chain(Dense(3, 4), ReLU(), Dense(4, 2, off)), "layer.layers[2].b"),
}


@pytest.mark.parametrize(("make", "bias"), MADE.values(), ids=MADE)
def test_a_wrong_gradient_of_a_parameter_is_named_and_the_right_one_passes(make, bias):
    """Wherever it is; the layer is afterwards as it was."""
    wrong = check_gradients(make(1.01), X)
    assert {entry.tensor for entry in wrong.wrong} == {bias}
    layer = make(1.0)
    parts = layer.layers if isinstance(layer, Chain) else [layer]
    before = [dict(vars(part)) for part in parts]
    numbers = [{k: np.array(v) for k, v in had.items() if isinstance(v, np.ndarray)} for had in before]
    report = check_gradients(layer, X)
    assert report.verdict is Verdict.CORRECT
    assert bias in report.tensors
    assert report.tensors["x"].kind == "input"
    for part, had, were in zip(parts, before, numbers, strict=True):
        assert vars(part).keys() == had.keys()
        assert all(vars(part)[k] is had[k] and np.array_equal(had[k], v) for k, v in were.items())


def test_a_bias_is_told_from_a_weight():
    """By its name, as in any other model."""
    report = check_gradients(Dense(), X)
    assert {n: t.kind for n, t in report.tensors.items()} == {"W": "weight", "b": "bias", "x": "input"}
    assert report.name == "Dense"


def test_a_loss_begins_the_way_back():
    """Without a cotangent; a mean that is forgotten is named."""
    assert check_gradients(Loss(), X, LABELS).verdict is Verdict.CORRECT
    report = check_gradients(Loss(1), X, LABELS)
    assert report.verdict is Verdict.WRONG
    assert "5 is the batch size: a sum where the mean" in report.diagnosis[0]


def test_gradients_that_add_up_are_seen_unless_the_layer_can_take_them_back():
    """By zero_grad, which is called before each way back."""

    class Adding(Dense):
        dW = db = 0.0

        def backward(self, dy):
            self.dW, self.db = self.dW + self.x.T @ dy, self.db + dy.sum(axis=0)
            return dy @ self.W.T

    class Zeroed(Adding):
        def zero_grad(self):
            self.dW = self.db = 0.0

    assert check_gradients(Adding(), X).verdict is Verdict.BROKEN
    assert check_gradients(Zeroed(), X).verdict is Verdict.CORRECT


def test_a_first_layer_that_hands_nothing_on_holds_its_input_fixed():
    """Which is said."""

    class First(Dense):
        def backward(self, dy):
            super().backward(dy)

    report = check_gradients(First(), X)
    assert {*report.tensors} == {"W", "b"}
    assert "held fixed, as data: x" in str(report.notes)


def test_what_lacks_an_input_or_a_gradient_is_refused():
    """By name."""

    class Silent(Held):
        def backward(self, dy):
            return dy @ self.W.T

    with pytest.raises(InputError, match=r"Dense was given no input; write check_gradients\(Dense\(\.\.\.\), x\)"):
        check_gradients(Dense())
    with pytest.raises(InputError, match="params of Silent has 'W', and grads has nothing for it"):
        check_gradients(Silent(dict), X)


def test_a_forward_that_returns_nothing_is_told_what_it_has_set():
    """As in layers that leave their output in an attribute."""

    class Leaves(Dense):
        def forward(self, x):
            self.output = super().forward(x)

    with pytest.raises(
        InputError, match=r"Leaves.forward returned None; let forward return the output \(it has set self.output\)"
    ):
        check_gradients(Leaves(), X)


def test_a_backward_that_takes_the_cotangent_alone_goes_back_from_the_last_forward():
    """As a method of a layer, or a function that reads what another kept."""

    class Tanh:
        def forward(self, x):
            self.y = np.tanh(x)
            return self.y

        def backward(self, dy):
            return dy * (1 - self.y**2)

    layer, kept = Tanh(), {}

    def forward(x):
        kept["y"] = np.tanh(x)
        return kept["y"]

    assert check_gradients(layer.forward, X, vjp=layer.backward).verdict is Verdict.CORRECT
    assert check_gradients(forward, X, vjp=lambda dy: dy * (1 - kept["y"] ** 2)).verdict is Verdict.CORRECT
    wrong = check_gradients(forward, X, vjp=lambda dy: dy * (1 - kept["y"]))
    assert wrong.diagnosis[0].startswith("x: 1 - y where 1 - y^2 is meant")


def test_objects_that_a_layer_holds_are_left_as_they_were():
    """They have no more attributes than before, though a way back sets gradients in them."""

    class Block:
        def __init__(self):
            self.parts = [SimpleNamespace(W=RNG.normal(size=(3, 3)))]

        def forward(self, x):
            self.x = x
            return x @ self.parts[0].W

        def backward(self, dy):
            self.parts[0].dW = self.x.T @ dy
            return dy @ self.parts[0].W.T

    block = Block()
    assert check_gradients(block, X).verdict is Verdict.CORRECT
    assert [*vars(block.parts[0])] == ["W"]
