"""Parameters whose gradients are computed and not looked at are named."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients

RNG = np.random.default_rng(0)
X = RNG.normal(size=(5, 3))


class Linear:
    def __init__(self, w):
        self.W, self.b = w, np.zeros(w.shape[1])

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    __call__ = forward

    def backward(self, dy):
        self.dW, self.db = self.x.T @ dy, dy.sum(axis=0)
        return dy @ self.W.T


class Network:
    def __init__(self):
        self.layers = [Linear(RNG.normal(size=(3, 3))) for _ in range(2)]

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dy):
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        return dy


def unread(report):
    return [note.partition(": ")[2].partition(";")[0] for note in report.notes if note.startswith("not looked at")]


LAYER, NETWORK = Linear(RNG.normal(size=(3, 4))), Network()
CALLS = {
    "methods": (LAYER.forward, LAYER.backward, "Linear.W, Linear.b"),
    "the object": (LAYER, LAYER.backward, "Linear.W, Linear.b"),
    "a lambda": (
        lambda x: LAYER.forward(x) + 0,
        lambda x, dy: (LAYER.forward(x), LAYER.backward(dy))[1],
        "Linear.W, Linear.b",
    ),
    "a network": (
        NETWORK.forward,
        NETWORK.backward,
        "Network.layers[0].W, Network.layers[0].b, Network.layers[1].W and 1 more",
    ),
}


@pytest.mark.parametrize(("f", "vjp", "names"), CALLS.values(), ids=CALLS)
def test_what_a_way_back_leaves_in_an_object_is_named(f, vjp, names):
    """It would be wrong, and x alone right."""
    report = check_gradients(f, X, vjp=vjp)
    assert report.verdict is Verdict.CORRECT
    assert unread(report) == [names]


def test_parameters_that_are_arguments_are_read():
    """Though they are put into the layer, and their gradients left there."""

    def f(x, w):
        LAYER.W = w
        return LAYER.forward(x)

    def back(x, w, dy):
        f(x, w)
        return LAYER.backward(dy), LAYER.dW

    report = check_gradients(f, X, LAYER.W.copy(), vjp=back)
    assert report.verdict is Verdict.CORRECT
    assert unread(report) == ["Linear.b"]


def test_no_further_call_is_made_where_few_are_allowed():
    """Along a direction the function may take minutes."""
    calls = []

    class Simulation:
        def __init__(self, held):
            self.held = held

        def run(self, x):
            calls.append(1)
            return np.sin(x).sum()

        def slope(self, x):
            return np.cos(x)

    counts = []
    for held in (np.ones(3), ()):
        model = Simulation(held)
        calls.clear()
        report = check_gradients(model.run, X[0], grad=model.slope, along=np.ones(3))
        assert report.verdict is Verdict.CORRECT
        counts.append(len(calls))
    assert counts[0] == counts[1]


def test_what_an_object_holds_beside_is_not_spoken_of():
    """Data, of which no gradient is computed."""

    class Regression:
        def __init__(self):
            self.y = np.ones(5)

        def loss(self, w):
            return np.sum((X @ w - self.y) ** 2)

        def gradient(self, w):
            return 2 * X.T @ (X @ w - self.y)

    model = Regression()
    report = check_gradients(model.loss, np.ones(3), grad=model.gradient)
    assert report.verdict is Verdict.CORRECT
    assert unread(report) == []
