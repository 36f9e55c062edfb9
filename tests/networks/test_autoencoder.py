"""Pictures through a narrow place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck.networks import (
    Adam,
    Identity,
    MeanSquaredError,
    Sigmoid,
    Tanh,
    TiedAutoencoder,
    autoencoder,
    glorot,
    load_digits,
    parameters,
    train,
)


class EncoderOnly(TiedAutoencoder):
    """Wrong: W is pulled as the encoder's matrix alone; the decoder's use of it is forgotten."""

    def forward(self, x):
        y, right = super().forward(x)

        def backward(dy):
            dx, grad = right(dy)
            h, _ = self.activation.forward(x @ self.W + self.b)
            return dx, replace(grad, W=grad.W - dy.T @ h)

        return y, backward


def tied(rng, kind=TiedAutoencoder, activation=Tanh()):  # noqa: B008 (it holds nothing)
    return kind(rng.normal(size=(4, 2)), rng.normal(size=2), rng.normal(size=4), activation)


def test_half_of_a_tied_gradient_is_seen(disagreements, rng):
    """In W alone."""
    assert disagreements(tied(rng, EncoderOnly), rng.normal(size=(3, 4))) == ["W"]


@pytest.mark.parametrize("activation", [Tanh(), Sigmoid(), Identity()], ids=lambda a: type(a).__name__)
@pytest.mark.parametrize("n", [1, 3])
def test_every_gradient_is_the_slope(activation, n, disagreements, rng):
    """Of x, of W, used twice, and of both biases."""
    layer, x = tied(rng, activation=activation), rng.normal(size=(n, 4))
    assert disagreements(layer, x) == []
    assert check_gradients(layer, x, loss=MeanSquaredError(x)).verdict is Verdict.CORRECT


def test_by_hand():
    """H = 3 · 2 + 1 = 7 and y = 7 · 2 + 5 = 19; W is felt by way of y, 7, and by way of h, 3 · 2."""
    layer = TiedAutoencoder(np.array([[2.0]]), np.array([1.0]), np.array([5.0]), Identity())
    y, backward = layer.forward(np.array([[3.0]]))
    dx, grad = backward(np.array([[1.0]]))
    assert (y.item(), dx.item()) == (19, 4)
    assert (grad.W.item(), grad.b.item(), grad.c.item()) == (7 + 6, 2, 1)


def test_an_autoencoder_narrows_and_widens(rng):
    """There and back by the same widths, with matrices of their own."""
    network = autoencoder((8, 4, 2), rng, dtype=np.float32)
    shapes = [(a.shape, a.dtype) for a in parameters(network).values() if a.ndim == 2]
    assert shapes == [(s, np.float32) for s in ((8, 4), (4, 2), (2, 4), (4, 8))]


@pytest.mark.parametrize(
    "make",
    [lambda rng: autoencoder((64, 32, 8), rng), lambda rng: TiedAutoencoder.random(64, 8, Identity(), rng)],
    ids=["autoencoder", "tied"],
)
def test_eight_numbers_hold_most_of_a_digit(make):
    """Two thirds of what tells the pictures apart comes through, of pictures it was not trained on too."""
    data, network = load_digits(), make(np.random.default_rng(0))
    x, unseen = data.x_train, data.x_test
    network, _ = train(network, x, x, epochs=15, loss=MeanSquaredError, optimiser=Adam(0.003))
    for pictures in (x, unseen):
        lost, _ = MeanSquaredError(pictures).forward(network.forward(pictures)[0])
        assert lost < np.var(pictures - x.mean(axis=0)) * 0.4


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_random_layer(dtype):
    """Weights by Glorot's rule, biases of zero, in the dtype asked for."""
    layer = TiedAutoencoder.random(5, 3, Tanh(), np.random.default_rng(1), dtype=dtype)
    np.testing.assert_array_equal(layer.W, glorot(5, 3, np.random.default_rng(1), dtype=dtype))
    assert (layer.b.shape, layer.c.shape, layer.b.dtype, layer.c.dtype) == ((3,), (5,), dtype, dtype)
    assert not np.any(layer.b)
    assert not np.any(layer.c)


@pytest.mark.parametrize(
    ("x", "W", "b", "c", "message"),
    [
        ((2, 3), (4, 2), (2,), (4,), r"W of shape \(4, 2\) takes x of shape \(N, 4\), not \(2, 3\)"),
        ((4,), (4, 2), (2,), (4,), r"not \(4,\)"),
        ((2, 4), (4, 2), (4,), (4,), r"not \(4, 2\), \(4,\) and \(4,\): one bias for each number of the code"),
        ((2, 4), (4, 2), (2,), (2,), r"c of shape \(I,\)"),
        ((2, 4), (4,), (), (4,), r"takes W of shape \(I, H\)"),
    ],
    ids=str,
)
def test_shapes_that_do_not_fit_are_refused(x, W, b, c, message):
    """Nothing is broadcast in silence."""
    with pytest.raises(ValueError, match=message):
        TiedAutoencoder(np.ones(W), np.ones(b), np.ones(c), Tanh()).forward(np.ones(x))


@pytest.mark.parametrize("widths", [(), (64,)], ids=str)
def test_too_few_widths_are_refused(widths, rng):
    """One of the input and one of the code, at least."""
    with pytest.raises(ValueError, match="at least two widths, of the input and of the code"):
        autoencoder(widths, rng)
