"""What does each layer meet in its network? Recorders note it, and leave everything as it was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck._adapters.recognise import is_layer
from gradcheck._adapters.recorder import title, uses
from gradcheck.networks import Chain, Cost, CrossEntropy, Dense, Tanh, forgotten_mean, mlp, parameters

RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 4))
LABELS = np.array([0, 2, 1, 1, 0, 2])


@pytest.fixture
def network():
    return mlp((4, 4, 3), Tanh(), np.random.default_rng(1))


def test_each_layer_is_met_where_it_stands(network):
    """With the input and the cotangent that it gets there, the innermost first, from the loss down."""
    met = uses(Cost(network, CrossEntropy(LABELS)), (X,), None, is_layer)
    assert [use.path for use in met] == [
        "loss",
        "network.layers[2]",
        "network.layers[1]",
        "network.layers[0]",
        "network",
    ]
    y, _ = network.layers[0].forward(X)
    dy, _ = CrossEntropy(LABELS).forward(network.forward(X)[0])[1](1.0)
    assert np.array_equal(met[2].args[0], y)
    assert np.array_equal(met[1].back[0], dy)
    assert [use.inner for use in met] == [True] * 4 + [False]


def test_recorders_leave_the_network_as_it_was(network):
    """They stand in a copy, and what they record are copies."""
    before = {path: (array, array.copy()) for path, array in parameters(network).items()}
    for use in uses(network, (X,), CrossEntropy(LABELS), is_layer):
        assert type(use.layer).__name__ in {"Chain", "Dense", "Tanh", "CrossEntropy"}
        assert use.args[0] is not X
    for path, array in parameters(network).items():
        assert array is before[path][0]
        assert np.array_equal(array, before[path][1])


@dataclass(frozen=True)
class _Thrice:
    inner: Any

    def forward(self, x):
        backs = []
        for _ in range(3):
            x, back = self.inner.forward(x)
            backs.append(back)

        def backward(dy):
            total = None
            for back in reversed(backs):
                dy, grad = back(dy)
                total = grad if total is None else replace(total, W=total.W + grad.W, b=total.b + grad.b)
            return dy, replace(self, inner=total)

        return x, backward


def test_a_layer_used_several_times_is_met_first_and_last():
    """And says which use it was."""
    shared = Dense.random(4, 4, RNG)
    met = uses(_Thrice(shared), (X,), None, is_layer)
    assert [use.name for use in met] == ["inner (Dense, use 3)", "inner (Dense, use 1)"]


def test_a_network_that_minds_recorders_is_not_taken_apart():
    """It is checked as a whole."""

    @dataclass(frozen=True)
    class Strict:
        inner: Any

        def forward(self, x):
            assert type(self.inner) is Dense
            y, back = self.inner.forward(x)
            return y, lambda dy: (2 * back(dy)[0], replace(self, inner=back(dy)[1]))

    report = check_gradients(Strict(Dense.random(4, 4, RNG)), X)
    assert report.verdict is Verdict.WRONG
    (sentence,) = report.diagnosis
    twice = "x: every entry is exactly twice the measured value: a term counted twice, or the 2 of a square too many"
    assert sentence.startswith(twice)  # and what else is 2


def test_a_faulty_layer_is_called_by_its_public_name(network):
    """Users know Dense."""
    assert title(forgotten_mean(network).layers[0]) == "Dense"


class _Wave:
    """A layer that is no dataclass: it holds nothing that anybody could see."""

    def __init__(self, factor):
        self.factor = factor

    def forward(self, x):
        def backward(dy):
            return self.factor * dy * np.cos(3 * x), None

        return np.sin(3 * x), backward


@pytest.mark.parametrize(("factor", "verdict"), [(-3.0, Verdict.WRONG), (3.0, Verdict.CORRECT)])
def test_a_layer_that_cannot_be_seen_into_is_taken_alone_as_well(factor, verdict):
    """It is never said of it, unasked, that it is right."""
    rng = np.random.default_rng(4)
    net = Chain((Dense.random(4, 5, rng), _Wave(factor), Dense.random(5, 3, rng)))
    report = check_gradients(net, X, loss=CrossEntropy(LABELS))
    assert report.verdict is verdict
    said = ["layers[1] (_Wave) taken alone is wrong: x: every entry is minus the measured value: the sign is wrong"]
    assert list(report.diagnosis[:1]) == said * (verdict is Verdict.WRONG)
