"""Layers in the reference style: where each is met, and that it can be taken alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from gradcheck import InputError, Verdict, check_gradients
from gradcheck._adapters.layer import layer
from gradcheck._adapters.recognise import is_layer
from gradcheck._adapters.recorder import title, uses
from gradcheck._options import Options
from gradcheck.networks import FAULTS, Chain, Cost, CrossEntropy, Dense, Tanh, forgotten_mean, mlp, parameters

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


def test_a_layer_used_several_times_is_met_first_and_last():
    """And says which use it was."""
    shared = Dense.random(4, 4, RNG)
    met = uses(_Thrice(shared), (X,), None, is_layer)
    assert [use.name for use in met] == ["inner (Dense, use 3)", "inner (Dense, use 1)"]


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
    assert any("the fault lies in how they are joined" in sentence for sentence in report.diagnosis)
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
    assert report.diagnosis == (
        "x: every entry is exactly twice the measured value: a term counted twice, or the 2 of a square too many",
    )


def test_a_faulty_layer_is_called_by_its_public_name(network):
    """Users know Dense."""
    assert title(forgotten_mean(network).layers[0]) == "Dense"


def test_an_oracle_of_a_layer_knows_its_output_and_its_parts(network):
    """In their shapes."""
    oracle = layer(network, (X,), Options())
    assert oracle.output.shape == (6, 3)
    assert list(oracle.parts()) == ["layers[2] (Dense)", "layers[1] (Tanh)", "layers[0] (Dense)"]


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
