"""Layers in the reference style: a wrong gradient of theirs is named, and each can be taken alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from gradcheck import InputError, Verdict, check_gradients
from gradcheck._adapters.layer import layer
from gradcheck._options import Options
from gradcheck.networks import (
    FAULTS,
    Array,
    Chain,
    CrossEntropy,
    Dense,
    MeanSquaredError,
    Tanh,
    constant,
    forgotten_mean,
    mlp,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 4))
PAIRS = RNG.normal(size=(3, 2))
LABELS = np.array([0, 2, 1, 1, 0, 2])
CLASSES = np.array([0, 3, 1])


def worst(report):
    return {name: t.verdict for name, t in report.tensors.items()}


def right(*names):
    return dict.fromkeys(names, Verdict.CORRECT)


@dataclass(frozen=True)
class Scale:
    """y = x g, its way back wrong by the factors."""

    g: Array
    factors: tuple[float, float] = constant()

    def forward(self, x):
        a, b = self.factors
        return x * self.g, lambda dy: (a * dy * self.g, replace(self, g=b * (dy * x).sum(axis=0)))


@dataclass(frozen=True)
class Cell:
    """A layer of two inputs and two outputs: y = tanh(x W + h), and h + x."""

    W: Array

    def forward(self, x, h):
        y = np.tanh(x @ self.W + h)

        def backward(dy, dsum):
            d = dy * (1 - y**2)
            return d @ self.W.T + dsum, d + dsum, replace(self, W=x.T @ d)

        return y, h + x, backward


@pytest.fixture
def network():
    return mlp((4, 4, 3), Tanh(), np.random.default_rng(1))


@pytest.mark.parametrize(("factors", "name"), [((-1, 1), "x"), ((1, 2), "g")])
def test_a_wrong_layer_is_named(factors, name):
    """Its gradient to the input, or to the parameter."""
    report = check_gradients(Scale(np.array([0.5, 2.0]), factors), PAIRS)
    assert {e.tensor for e in report.wrong} == {name}


def test_a_right_layer():
    """The input is an input, a weight a weight."""
    report = check_gradients(Dense.random(2, 4, RNG), PAIRS)
    assert worst(report) == right("W", "b", "x")
    assert {n: t.kind for n, t in report.tensors.items()} == {"W": "weight", "b": "bias", "x": "input"}
    assert report.name == "Dense"


def test_a_layer_of_several_inputs_and_outputs():
    """Each input has the name that forward gives it."""
    cell = Cell(RNG.normal(size=(2, 2)))
    report = check_gradients(cell, PAIRS, RNG.normal(size=(3, 2)))
    assert worst(report) == right("W", "x", "h")


@pytest.mark.parametrize("loss", [CrossEntropy(CLASSES), MeanSquaredError(np.ones((3, 4)))], ids=["entropy", "squares"])
def test_a_loss_on_top(loss):
    """Its way back is part of what is checked; its targets are no parameters."""
    net = mlp((2, 5, 4), Tanh(), RNG)
    names = ["layers[0].W", "layers[0].b", "layers[2].W", "layers[2].b", "x"]
    assert worst(check_gradients(net, PAIRS, loss=loss)) == right(*names)


def test_a_wrong_loss_on_top():
    """Makes every gradient wrong."""

    @dataclass(frozen=True)
    class Halved(CrossEntropy):
        def forward(self, x):
            cost, back = super().forward(x)
            return cost, lambda dcost: (back(dcost)[0] / 2, self)

    report = check_gradients(mlp((2, 5, 4), Tanh(), RNG), PAIRS, loss=Halved(CLASSES))
    assert all(t.wrong for t in report.tensors.values())


def test_a_layer_used_twice():
    """Its two gradients are two, each under its own path."""
    dense = Dense.random(2, 2, RNG)
    report = check_gradients(Chain((dense, Tanh(), dense)), PAIRS)
    assert worst(report) == right("layers[0].W", "layers[0].b", "layers[2].W", "layers[2].b", "x")


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


@dataclass(frozen=True)
class _OnlyTheLastUse(_Thrice):
    def forward(self, x):
        y, _ = super().forward(x)
        h = self.inner.forward(self.inner.forward(x)[0])[0]

        def backward(dy):
            return super(_OnlyTheLastUse, self).forward(x)[1](dy)[0], replace(
                self, inner=self.inner.forward(h)[1](dy)[1]
            )

        return y, backward


def test_the_fault_may_lie_in_how_layers_are_joined():
    """If each alone is right."""
    assert check_gradients(_Thrice(Dense.random(4, 4, RNG)), X).verdict is Verdict.CORRECT
    report = check_gradients(_OnlyTheLastUse(Dense.random(4, 4, RNG)), X)
    assert any("only the last of 3 uses of inner counts" in sentence for sentence in report.diagnosis)
    assert not any("taken alone is wrong" in sentence for sentence in report.diagnosis)


def test_the_innermost_layer_is_named():
    """Not the chain around it."""
    inner = mlp((4, 4, 4), Tanh(), RNG)
    report = check_gradients(Chain((inner, Tanh(), forgotten_mean(inner, index=1))), X)
    assert report.diagnosis[0].startswith("layers[2].layers[2] (Dense) taken alone is wrong: b: every entry is 6 times")
    assert len([s for s in report.diagnosis if "taken alone" in s]) == 1


def test_the_stages_stand_in_the_order_of_calling(network):
    """Those that were taken alone say so; the guilty one says what is the matter. A right network has none."""
    wrong = FAULTS["forgotten_mean"].apply(network)
    stages = check_gradients(wrong, X, loss=CrossEntropy(LABELS)).stages
    names = ["layers[0] (Dense)", "layers[1] (Tanh)", "layers[2] (Dense)", "the loss (CrossEntropy)"]
    assert [stage.name for stage in stages] == names
    assert [stage.path for stage in stages if stage.verdict is Verdict.WRONG] == ["layers[0]"]
    assert "taken alone is wrong" in stages[0].sentence
    assert check_gradients(network, X).stages == ()


def test_two_guilty_layers_are_both_named(network):
    """The one nearest to the output first."""
    report = check_gradients(forgotten_mean(FAULTS["wrong_sign"].apply(network), index=1), X)
    assert [s[:9] for s in report.diagnosis[:2]] == ["layers[2]", "layers[0]"]


def test_what_layers_cost_is_counted(network):
    """In the evaluations of the report."""
    right, wrong = check_gradients(network, X), check_gradients(forgotten_mean(network), X)
    assert wrong.evaluations > right.evaluations + 50


def test_an_oracle_of_a_layer_knows_its_output_and_its_parts(network):
    """In their shapes."""
    oracle = layer(network, (X,), Options())
    assert oracle.output.shape == (6, 3)
    assert list(oracle.parts(oracle.point)) == ["layers[2] (Dense)", "layers[1] (Tanh)", "layers[0] (Dense)"]


@dataclass(frozen=True)
class Masked:
    """y = W x where the mask is set: the mask has no gradient, and the way back may leave it out or say None."""

    W: Any
    says: Any = ()
    wrong: float = 1.0

    def forward(self, x, mask):
        y = np.where(mask, x @ self.W, 0)
        return y, lambda dy: (dy * mask @ self.W.T, *self.says, replace(self, W=self.wrong * x.T @ (dy * mask)))


@pytest.mark.parametrize("says", [(), (None,)])
def test_inputs_without_a_gradient_may_be_left_out(says):
    W, mask = RNG.normal(size=(4, 3)), RNG.random((6, 3)) < 0.7
    report = check_gradients(Masked(W, says, wrong=1.1), X, mask)
    assert {tensor.name: tensor.verdict for tensor in report.tensors.values()} == {
        "W": Verdict.WRONG,
        "x": Verdict.CORRECT,
    }
    assert check_gradients(Masked(W, says), X, mask).verdict is Verdict.CORRECT


def test_a_way_back_that_returns_too_little_is_told_what_to_return():
    @dataclass(frozen=True)
    class Sum:
        """y = x + z, of which the way back forgets z."""

        def forward(self, x, z):
            return x + z, lambda dy: (dy, self)

    with pytest.raises(InputError, match=r"1 gradient\(s\) of inputs where forward took 2; return \(dx, dz, grad\)"):
        check_gradients(Sum(), X, X)
