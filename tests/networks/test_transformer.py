"""The transformer block, and what it learns."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck.networks import (
    Adam,
    Chain,
    Dense,
    Embedding,
    Pointwise,
    PositionEmbedding,
    Residual,
    accuracy,
    parameters,
    rebuild,
    train,
    transformer_block,
)


def block(rng, **options):
    made = transformer_block(4, 2, 6, rng, **options)
    return rebuild(made, {p: a + rng.normal(size=a.shape) / 4 for p, a in parameters(made).items()})


def test_a_residual_that_is_forgotten_is_seen(disagreements, rng):
    """Without the first dy nothing below is right."""

    class Forgotten(Residual):
        def forward(self, x):
            y, right = super().forward(x)
            return y, lambda dy: (right(dy)[0] - dy, right(dy)[1])

    right = block(rng)
    wrong = Chain((right.layers[0], Forgotten(right.layers[1].layer)))
    names = disagreements(wrong, rng.normal(size=(1, 3, 4)))
    assert "x" in names
    assert all(name == "x" or name.startswith("layers[0]") for name in names)


@pytest.mark.parametrize("causal", [False, True])
def test_every_gradient_is_the_slope(causal, disagreements, rng):
    """Of x and of all sixteen parameters."""
    layer = block(rng, causal=causal)
    assert len(parameters(layer)) == 16
    assert disagreements(layer, rng.normal(size=(2, 3, 4)), rtol=1e-7) == []


def test_the_checker_agrees(rng):
    """Even on the bias of the keys, which the cost never feels."""
    report = check_gradients(block(rng), rng.normal(size=(2, 3, 4)))
    assert report.verdict is Verdict.CORRECT


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_is_kept(dtype, rng):
    """Of the parameters, of what comes out and of what comes back."""
    layer = transformer_block(4, 2, 6, rng, dtype=dtype)
    y, backward = layer.forward(rng.normal(size=(2, 3, 4)).astype(dtype))
    dx, grad = backward(y)
    assert {a.dtype for a in (y, dx, *parameters(layer).values(), *parameters(grad).values())} == {np.dtype(dtype)}


def test_an_empty_batch_passes_through(rng):
    """And pulls at nothing."""
    y, backward = block(rng).forward(np.zeros((0, 3, 4)))
    dx, grad = backward(y)
    assert y.shape == dx.shape == (0, 3, 4)
    assert not any(map(np.any, parameters(grad).values()))


def test_the_future_is_seen_unless_it_is_causal(rng):
    """A change at the last place reaches the first, or not."""
    x = rng.normal(size=(1, 4, 4))
    later = x + np.eye(4)[3][:, np.newaxis] * rng.normal(size=4)  # not 1 everywhere: the norm would take it off
    for causal in (False, True):
        layer = block(np.random.default_rng(1), causal=causal)
        same = layer.forward(x)[0][:, :3] == layer.forward(later)[0][:, :3]
        assert np.all(same) if causal else not np.any(same)


def test_it_learns_to_turn_a_sequence_round():
    """Every place must find the one that mirrors it: no matrix at a place alone could."""
    rng = np.random.default_rng(0)
    x = rng.integers(5, size=(400, 6))
    network = Chain(
        (
            Embedding.random(5, 16, rng),
            PositionEmbedding(rng.normal(size=(6, 16))),
            transformer_block(16, 2, 32, rng),
            Pointwise(Dense.random(16, 5, rng)),
        )
    )
    network, _ = train(network, x[:350], x[:350, ::-1], epochs=12, optimiser=Adam(0.01))
    assert accuracy(network, x[350:], x[350:, ::-1]) > 0.95
