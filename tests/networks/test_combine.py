"""Chains and costs: what holds of many layers together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcheck.networks import (
    L1,
    BinaryCrossEntropy,
    Chain,
    Cost,
    CrossEntropy,
    Dense,
    Huber,
    MeanSquaredError,
    ReLU,
    Tanh,
    mlp,
    parameters,
    rebuild,
)


def test_a_chain_by_hand():
    """Y = 3 (2 x + 1) + 1, twice forward and twice backward."""
    chain = Chain((Dense(np.array([[2.0]]), np.ones(1)), Dense(np.array([[3.0]]), np.ones(1))))
    y, backward = chain.forward(np.array([[5.0]]))
    dx, grad = backward(np.array([[1.0]]))
    assert (y.item(), dx.item()) == (34, 6)
    assert {path: g.item() for path, g in parameters(grad).items()} == {
        "layers[0].W": 15,
        "layers[0].b": 3,
        "layers[1].W": 11,
        "layers[1].b": 1,
    }


def test_one_layer_used_twice_has_two_gradients(rng, slopes):
    """Y = d(d(x)): the slope of the weight they share is the sum of both."""
    dense, x, dy = Dense.random(3, 3, rng), rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    _, backward = Chain((dense, Tanh(), dense)).forward(x)
    _, grad = backward(dy)

    def along(W):
        shared = Dense(W, dense.b)
        return np.sum(dy * Chain((shared, Tanh(), shared)).forward(x)[0])

    both = grad.layers[0].W + grad.layers[2].W
    np.testing.assert_allclose(both, slopes(along, dense.W), rtol=1e-9)


TRUTHS = {
    "cross-entropy": (CrossEntropy, np.array([0, 2, 1, 1, 0])),
    "mean squared error": (MeanSquaredError, np.arange(15.0).reshape(5, 3)),
    "l1": (L1, np.arange(15.0).reshape(5, 3)),
    "huber": (Huber, np.arange(15.0).reshape(5, 3) / 7),
    "binary cross-entropy": (BinaryCrossEntropy, np.arange(15).reshape(5, 3) % 2),
}


@pytest.mark.parametrize(("loss", "truth"), TRUTHS.values(), ids=TRUTHS)
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_the_gradient_of_a_mini_batch_is_the_mean_of_its_examples(loss, truth, decay, rng):
    """So is the cost: each example pulls, and the pulls are averaged."""
    network, x = mlp((4, 6, 3), Tanh(), rng), rng.normal(size=(5, 4))

    def look(rows):
        cost, backward = Cost(network, loss(truth[rows]), decay).forward(x[rows])
        return {"cost": cost, **parameters(backward()[1])}

    singly = [look(slice(i, i + 1)) for i in range(5)]
    for path, together in look(slice(None)).items():
        mean = np.mean([one[path] for one in singly], axis=0)
        np.testing.assert_allclose(together, mean, rtol=1e-12, atol=1e-15)


@given(st.permutations(range(5)))
def test_the_order_within_a_mini_batch_does_not_matter(order):
    """Shuffled examples with their labels give the same cost and the same gradient."""
    rng = np.random.default_rng(0)
    network, x, labels = mlp((4, 6, 3), Tanh(), rng), rng.normal(size=(5, 4)), np.arange(5) % 3
    cost, backward = Cost(network, CrossEntropy(labels)).forward(x)
    other, other_backward = Cost(network, CrossEntropy(labels[order])).forward(x[order])
    np.testing.assert_allclose(other, cost, rtol=1e-14)
    for one, two in zip(parameters(backward()[1]).values(), parameters(other_backward()[1]).values(), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-12, atol=1e-15)


def test_decay_is_part_of_the_cost_and_spares_the_biases():
    """It adds decay/2 W² to the cost and decay W to the gradient, and to a bias nothing."""
    W, b = np.array([[3.0, -4.0]]), np.array([5.0, 6.0])
    network, loss, x = Chain((Dense(W, b),)), MeanSquaredError(np.zeros((1, 2))), np.zeros((1, 1))
    plain, plain_backward = Cost(network, loss).forward(x)
    cost, backward = Cost(network, loss, decay=0.1).forward(x)
    grad, plain_grad = (way_back()[1].network.layers[0] for way_back in (backward, plain_backward))
    assert cost - plain == pytest.approx(0.1 / 2 * 25)
    np.testing.assert_allclose(grad.W - plain_grad.W, 0.1 * W)
    np.testing.assert_array_equal(grad.b, plain_grad.b)
    np.testing.assert_allclose(backward(2.0)[1].network.layers[0].W, 2 * grad.W)


@given(
    widths=st.lists(st.integers(1, 4), min_size=2, max_size=4),
    n=st.integers(1, 4),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_architecture(disagreements, widths, n, seed):
    """Whatever its depth and widths, every gradient of a tanh network with decay is the slope."""
    rng = np.random.default_rng(seed)
    network = mlp(widths, Tanh(), rng)
    network = rebuild(network, {p: a + rng.normal(size=a.shape) for p, a in parameters(network).items()})
    loss = CrossEntropy(rng.integers(widths[-1], size=n))
    assert disagreements(Cost(network, loss, decay=0.2), rng.normal(size=(n, widths[0]))) == []


def test_mlp_puts_the_activation_between_dense_layers(rng):
    """Not before the first, and not after the last."""
    network = mlp((5, 4, 3, 2), ReLU(), rng, init="he", dtype=np.float32)
    kinds = [type(layer).__name__ for layer in network.layers]
    assert kinds == ["Dense", "ReLU", "Dense", "ReLU", "Dense"]
    assert {array.dtype for array in parameters(network).values()} == {np.dtype(np.float32)}


def test_mlp_draws_its_layers_one_after_the_other():
    """The same generator gives the same network, by the rule asked for."""
    network, rng = (
        mlp((5, 4, 3), Tanh(), np.random.default_rng(2), init="he"),
        np.random.default_rng(2),
    )
    np.testing.assert_array_equal(network.layers[0].W, Dense.random(5, 4, rng, init="he").W)
    np.testing.assert_array_equal(network.layers[2].W, Dense.random(4, 3, rng, init="he").W)


@pytest.mark.parametrize("widths", [(), (3,)])
def test_mlp_needs_an_input_and_an_output(widths, rng):
    """One width is no network."""
    with pytest.raises(ValueError, match="at least two widths"):
        mlp(widths, Tanh(), rng)
