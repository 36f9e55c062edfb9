"""Attention with many heads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck.networks import Attention, MultiHeadAttention, Residual, SelfAttention, parameters, rebuild


class OnlyTheQuery(SelfAttention):
    """Wrong: x is pulled for having asked alone, not for having been found, nor for what it said."""

    def forward(self, x, mask=None):
        y, way_back = self.attention.forward(x, x, x, mask)

        def backward(dy):
            dquery, *_, grad = way_back(dy)
            return dquery, replace(self, attention=grad)

        return y, backward


def noisy(layer, rng):
    return rebuild(layer, {p: rng.normal(size=a.shape) for p, a in parameters(layer).items()})


def test_a_sum_that_is_forgotten_is_seen(disagreements, rng):
    """In x, and in nothing else."""
    layer = OnlyTheQuery(MultiHeadAttention.random(4, 2, rng))
    assert disagreements(layer, rng.normal(size=(2, 3, 4))) == ["x"]


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("heads", [1, 2, 4])
def test_every_gradient_is_the_slope(heads, causal, disagreements, rng):
    """Of x and of all eight parameters."""
    layer = noisy(SelfAttention.random(4, heads, rng, causal=causal), rng)
    assert disagreements(layer, rng.normal(size=(2, 3, 4))) == []


def test_every_gradient_is_the_slope_of_three_inputs(rng):
    """Queries, keys and values of other lengths and other widths."""
    shapes = ((5, 4), (3, 4), (2, 6), (6, 3)), ((4,), (4,), (6,), (3,))
    layer = MultiHeadAttention(*(rng.normal(size=s) for group in shapes for s in group), heads=2)
    inputs = [rng.normal(size=s) for s in ((2, 3, 5), (2, 4, 3), (2, 4, 2))]
    report = check_gradients(layer, *inputs)
    assert report.verdict is Verdict.CORRECT


def test_the_bias_of_the_keys_is_not_felt(rng):
    """It adds the same to all agreements of a query, and the softmax does not feel what is added to all."""
    layer, x = noisy(MultiHeadAttention.random(4, 2, rng), rng), rng.normal(size=(2, 3, 4))
    y, backward = layer.forward(x, x, x)
    *_, grad = backward(rng.normal(size=y.shape))
    np.testing.assert_allclose(grad.b_k, 0, atol=1e-13)
    moved = replace(layer, b_k=layer.b_k + 1)
    np.testing.assert_allclose(moved.forward(x, x, x)[0], y, rtol=1e-10)


def test_one_head_of_plain_matrices_is_attention(rng):
    """With identities for matrices and zeros for biases nothing else is left."""
    eye, zero, x = np.eye(3), np.zeros(3), rng.normal(size=(2, 4, 3))
    layer = MultiHeadAttention(eye, eye, eye, eye, zero, zero, zero, zero)
    np.testing.assert_allclose(layer.forward(x, x, x)[0], Attention().forward(x, x, x)[0], rtol=1e-12)


def test_heads_do_not_disturb_one_another(rng):
    """Two heads are two attentions, each in its half of the width, side by side."""
    eye, zero, x = np.eye(4), np.zeros(4), rng.normal(size=(2, 3, 4))
    y, _ = MultiHeadAttention(eye, eye, eye, eye, zero, zero, zero, zero, heads=2).forward(x, x, x)
    for half in (slice(0, 2), slice(2, 4)):
        part = x[..., half]
        np.testing.assert_allclose(y[..., half], Attention().forward(part, part, part)[0], rtol=1e-12)


def test_padding_is_as_good_as_a_shorter_sequence(rng):
    """A mask (N, S) serves every head and every query; the second example attends to nothing, and is b_o."""
    layer, x = noisy(MultiHeadAttention.random(4, 2, rng), rng), rng.normal(size=(2, 3, 4))
    mask = np.array([[True, True, False], [False, False, False]])
    y, backward = layer.forward(x, x, x, mask)
    short, _ = layer.forward(x[:1], x[:1, :2], x[:1, :2])
    np.testing.assert_allclose(y[:1], short, rtol=1e-12)
    np.testing.assert_array_equal(y[1], np.broadcast_to(layer.b_o, (3, 4)))
    _, dkey, dvalue, _ = backward(np.ones_like(y))
    assert not np.any(dkey[0, 2])
    assert not np.any(dvalue[0, 2])
    assert not np.any(dvalue[1])


def test_a_mask_for_each_query_can_make_it_causal(rng):
    """One (L, S) for all examples, with an axis for them."""
    layer, x = MultiHeadAttention.random(4, 2, rng), rng.normal(size=(2, 3, 4))
    past = np.tri(3, dtype=bool)[np.newaxis]
    causal, _ = replace(layer, causal=True).forward(x, x, x)
    np.testing.assert_array_equal(layer.forward(x, x, x, past)[0], causal)
    np.testing.assert_array_equal(SelfAttention(layer).forward(x, past)[0], causal)


def test_in_a_residual_every_gradient_is_the_slope(disagreements, rng):
    """Self-attention is a layer like any other."""
    layer = Residual(noisy(SelfAttention.random(4, 2, rng), rng))
    assert disagreements(layer, rng.normal(size=(1, 3, 4))) == []


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_random_layer(dtype, rng):
    """Weights by Glorot's rule, biases of zero, in the dtype asked for."""
    layer = SelfAttention.random(32, 4, rng, causal=True, dtype=dtype)
    assert (layer.attention.heads, layer.attention.causal) == (4, True)
    for path, array in parameters(layer).items():
        assert array.dtype == dtype
        assert array.shape == ((32, 32) if ".W" in path else (32,))
        assert array.std() == pytest.approx(np.sqrt(2 / 64) if ".W" in path else 0, rel=0.1)


@pytest.mark.parametrize(
    ("query", "key", "value", "message"),
    [
        ((2, 3, 5), (2, 4, 4), (2, 4, 4), r"a query of shape \(2, length, 4\).*not \(2, 3, 5\)"),
        ((2, 3, 4), (2, 4, 5), (2, 4, 4), r"a key of shape \(2, length, 4\)"),
        ((2, 3, 4), (1, 4, 4), (2, 4, 4), "as many examples as queries"),
        ((2, 3, 4), (2, 4, 4), (2, 4), r"a value of .* not \(2, 4\); one sequence x is the batch x\[np.newaxis\]"),
        ((2, 3, 4), (2, 4, 4), (2, 5, 4), "as many values as keys"),
    ],
    ids=str,
)
def test_inputs_that_do_not_fit_are_refused(query, key, value, message, rng):
    """The message names the input."""
    with pytest.raises(ValueError, match=message):
        MultiHeadAttention.random(4, 2, rng).forward(np.ones(query), np.ones(key), np.ones(value))


@pytest.mark.parametrize("mask", [(3, 3), (2, 4), (3,), (2, 3, 4), (2, 2, 3, 3)], ids=str)
def test_masks_that_do_not_fit_are_refused(mask, rng):
    """Neither (L, S), which could be taken for (N, S), nor any other shape."""
    x = np.ones((2, 3, 4))
    with pytest.raises(ValueError, match=r"\(N, S\) = \(2, 3\) or \(N, L, S\) = \(2, 3, 3\).* is mask\[np.newaxis\]"):
        SelfAttention.random(4, 2, rng).forward(x, np.ones(mask, bool))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"heads": 3}, "3 heads cannot share widths of 4 and 4 evenly"),
        ({"heads": 0}, "0 heads cannot share"),
        ({"W_q": np.ones((4, 3)), "W_k": np.ones((4, 3))}, "2 heads cannot share widths of 3 and 4"),
        ({"W_v": np.ones((4, 3))}, "2 heads cannot share widths of 4 and 3"),
        ({"W_k": np.ones((4, 2))}, r"W_k \(E_k, H\)"),
        ({"W_o": np.ones((2, 4))}, r"W_o \(H_v, O\)"),
        ({"b_v": np.ones(3)}, "one bias for each column"),
    ],
    ids=str,
)
def test_parameters_that_do_not_fit_are_refused(change, message, rng):
    """Before anything is computed."""
    layer, x = replace(MultiHeadAttention.random(4, 2, rng), **change), np.ones((1, 3, 4))
    with pytest.raises(ValueError, match=message):
        layer.forward(x, x, x)
