"""Layers side by side, and around one another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck.networks import (
    Adam,
    Chain,
    CrossEntropy,
    Dense,
    Embedding,
    Highway,
    Identity,
    MixtureOfExperts,
    Parallel,
    Residual,
    Tanh,
    accuracy,
    load_digits,
    parameters,
    rebuild,
    train,
)


def noisy(layer, rng):
    return rebuild(layer, {p: rng.normal(size=a.shape) for p, a in parameters(layer).items()})


def mixture(rng, n_experts=3):
    experts = tuple(Chain((Dense.random(4, 2, rng), Tanh())) for _ in range(n_experts))
    return noisy(MixtureOfExperts(experts, Dense.random(4, n_experts, rng)), rng)


LAYERS = {
    "residual": lambda rng: Residual(Chain((Dense.random(4, 4, rng), Tanh()))),
    "parallel": lambda rng: Parallel((Dense.random(4, 2, rng), Tanh(), Dense.random(4, 3, rng))),
    "parallel, one": lambda rng: Parallel((Dense.random(4, 2, rng),)),
    "parallel, summed": lambda rng: Parallel((Dense.random(4, 4, rng), Tanh(), Identity()), "sum"),
    "parallel, one on another": lambda rng: Parallel((Dense.random(4, 4, rng), Tanh()), axis=0),
    "highway": lambda rng: noisy(Highway.random(4, Tanh(), rng), rng),
    "mixture": mixture,
    "mixture of one": lambda rng: mixture(rng, 1),
    "all in one": lambda rng: Residual(Parallel((mixture(rng), mixture(rng)))),
}


class ForgottenSkip(Residual):
    """Wrong: dx without dy."""

    def forward(self, x):
        y, right = super().forward(x)
        return y, lambda dy: (right(dy)[0] - dy, right(dy)[1])


class LastBranch(Parallel):
    """Wrong: dx of the last branch alone."""

    def forward(self, x):
        y, right = super().forward(x)
        return y, lambda dy: (self.layers[-1].forward(x)[1](dy)[0], right(dy)[1])


class UnweightedExperts(MixtureOfExperts):
    """Wrong: every expert is pulled as if it had answered alone."""

    def forward(self, x):
        y, right = super().forward(x)

        def backward(dy):
            dx, grad = right(dy)
            return dx, replace(grad, experts=tuple(e.forward(x)[1](dy)[1] for e in self.experts))

        return y, backward


def test_a_wrong_joint_is_seen(disagreements, rng):
    """By the name of what it forgets."""
    x, dense = rng.normal(size=(3, 4)), Dense.random(4, 4, rng)
    assert disagreements(ForgottenSkip(dense), x) == ["x"]
    assert disagreements(LastBranch((dense, Tanh()), "sum"), x) == ["x"]
    right = mixture(rng, 2)
    wrong = disagreements(UnweightedExperts(right.experts, right.gate), x)
    assert wrong == [f"experts[{k}].layers[0].{name}" for k in (0, 1) for name in "Wb"]


@pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)
@pytest.mark.parametrize("n", [1, 3])
def test_every_gradient_is_the_slope(make, n, disagreements, rng):
    """Of the input and of every parameter of every part."""
    assert disagreements(make(rng), rng.normal(size=(n, 4))) == []


@pytest.mark.parametrize("name", ["residual", "highway", "mixture", "all in one"])
def test_the_checker_agrees(name, rng):
    """Each is taken apart, and every part is right."""
    assert check_gradients(LAYERS[name](rng), rng.normal(size=(3, 4))).verdict is Verdict.CORRECT


def test_a_residual_of_nothing_by_hand(rng):
    """A layer that puts out zeros leaves x and dy as they are."""
    x, dy = rng.normal(size=(2, 2, 3))
    y, backward = Residual(Dense(np.zeros((3, 3)), np.zeros(3))).forward(x)
    np.testing.assert_array_equal(y, x)
    np.testing.assert_array_equal(backward(dy)[0], dy)


def test_side_by_side_by_hand():
    """[x, 2 x] of x = 3; each branch is pulled by its own part, and both pull at x."""
    double = Dense(np.array([[2.0]]), np.zeros(1))
    y, backward = Parallel((Identity(), double)).forward(np.array([[3.0]]))
    dx, grad = backward(np.array([[10.0, 100.0]]))
    np.testing.assert_array_equal(y, [[3, 6]])
    assert (dx.item(), grad.layers[1].W.item()) == (10 + 2 * 100, 3 * 100)
    y, backward = Parallel((Identity(), double), "sum").forward(np.array([[3.0]]))
    dx, grad = backward(np.array([[10.0]]))
    assert (y.item(), dx.item(), grad.layers[1].W.item()) == (9, 10 + 2 * 10, 3 * 10)


def test_two_embeddings_may_be_added(rng):
    """On token ids there is no dx; each table has its own gradient."""
    layer = Parallel((Embedding.random(5, 2, rng), Embedding.random(5, 2, rng)), "sum")
    y, backward = layer.forward(np.array([[0, 3, 3]]))
    dx, grad = backward(np.ones_like(y))
    assert dx is None
    assert not np.shares_memory(grad.layers[0].W, grad.layers[1].W)
    for table in grad.layers:
        np.testing.assert_array_equal(table.W[:, 0], [1, 0, 0, 2, 0])


def test_a_highway_by_hand(rng):
    """Shut, it carries x and dy on; open, it is the layer."""
    x, dy = rng.normal(size=(2, 2, 3))
    layer = Highway.random(3, Tanh(), rng)
    np.testing.assert_array_equal(layer.gate.b, [-1, -1, -1])
    shut, opened = (replace(layer, gate=replace(layer.gate, b=np.full(3, b))) for b in (-100.0, 100.0))
    y, backward = shut.forward(x)
    np.testing.assert_allclose(y, x, rtol=1e-12)
    np.testing.assert_allclose(backward(dy)[0], dy, rtol=1e-12)
    np.testing.assert_allclose(opened.forward(x)[0], layer.layer.forward(x)[0], rtol=1e-12)


def test_a_mixture_by_hand():
    """Shares of 3/4 and 1/4 of the answers 8 and 4: seven; trust is moved to whom dy would have had more of."""
    experts = Dense(np.zeros((1, 1)), np.array([8.0])), Dense(np.zeros((1, 1)), np.array([4.0]))
    gate = Dense(np.zeros((1, 2)), np.log([3.0, 1.0]))
    y, backward = MixtureOfExperts(experts, gate).forward(np.array([[1.0]]))
    _, grad = backward(np.array([[2.0]]))
    assert y.item() == pytest.approx(7)
    np.testing.assert_allclose([e.b.item() for e in grad.experts], [3 / 4 * 2, 1 / 4 * 2])
    np.testing.assert_allclose(grad.gate.b, [3 / 4 * (8 - 7) * 2, 1 / 4 * (4 - 7) * 2])


def test_a_deep_residual_network_learns_where_a_plain_one_does_not():
    """Twenty layers of a third of the usual strength: without the way around, nothing arrives."""
    data, rng = load_digits(), np.random.default_rng(0)
    blocks = [Chain((Dense.random(32, 32, rng), Tanh())) for _ in range(20)]
    blocks = [rebuild(b, {"layers[0].W": b.layers[0].W / 3}) for b in blocks]
    ends = Dense.random(64, 32, rng), Dense.random(32, 10, rng)
    reached = {}
    for name, middle in {"plain": blocks, "residual": map(Residual, blocks)}.items():
        network = Chain((ends[0], *middle, ends[1]))
        network, _ = train(network, data.x_train, data.y_train, epochs=3, loss=CrossEntropy, optimiser=Adam(1e-3))
        reached[name] = accuracy(network, data.x_test, data.y_test)
    assert reached["residual"] > 0.9
    assert reached["plain"] < 0.5


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda d: Residual(d(4, 3)), r"Residual adds what has one shape, not \(2, 3\) and \(2, 4\)"),
        (lambda d: Residual(d(4, 1)), r"Residual adds what has one shape, not \(2, 1\)"),
        (lambda d: Parallel((d(4, 3), d(4, 1)), "sum"), r"Parallel\(how='sum'\) adds"),
        (lambda d: Parallel(()), "Parallel takes one layer or more"),
        (lambda d: Parallel((d(4, 3),), "mean"), "'concatenate' or 'sum', not 'mean'"),
        (lambda d: Highway(d(4, 1), d(4, 4)), r"Highway adds what has one shape, not \(2, 1\)"),
        (lambda d: Highway(d(4, 4), d(4, 1)), r"Highway's gate adds"),
        (
            lambda d: MixtureOfExperts((d(4, 3), d(4, 1)), d(4, 2)),
            r"MixtureOfExperts adds .* not \(2, 1\) and \(2, 3\)",
        ),
        (lambda d: MixtureOfExperts((d(4, 3), d(4, 3)), d(4, 3)), "a gate of 3 outputs for 2 experts"),
        (lambda d: MixtureOfExperts((), d(4, 0)), "a gate of 0 outputs for 0 experts"),
    ],
)
def test_outputs_that_do_not_fit_are_refused(make, message, rng):
    """Nothing is broadcast in silence."""
    with pytest.raises(ValueError, match=message):
        make(lambda n_in, n_out: Dense(np.ones((n_in, n_out)), np.ones(n_out))).forward(np.ones((2, 4)))


def test_outputs_of_other_axes_are_not_laid_side_by_side(rng):
    """A matrix and a sequence have no common last axis."""

    class Lifted(Identity):
        def forward(self, x):
            return x[np.newaxis], lambda dy: (dy[0], self)

    with pytest.raises(ValueError, match="cannot be laid side by side"):
        Parallel((Identity(), Lifted())).forward(np.ones((2, 4)))
