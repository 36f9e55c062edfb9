"""Attention, its heads and its positions say what PyTorch and JAX say, in float64, to ten digits."""

from __future__ import annotations

import numpy as np
import pytest
from agreement import assert_equal, compiled, generators, noisy, tensor
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck.networks import (
    Attention,
    MultiHeadAttention,
    PositionalEncoding,
    PositionEmbedding,
    RotaryEncoding,
    SelfAttention,
    parameters,
)

torch = pytest.importorskip("torch")
jax = pytest.importorskip("jax")
jnp = jax.numpy
F = torch.nn.functional

sizes, booleans = st.integers(1, 5), st.booleans()


def some_of_each(rng, *shape):
    """Draw a mask of which every row lets at least one key through, as PyTorch has nan otherwise."""
    mask = rng.random(shape) < 0.6
    mask[..., rng.integers(shape[-1])] = True
    return mask


@given(rng=generators, n=sizes, length=sizes, keys=sizes, width=sizes, n_out=sizes, causal=booleans, masked=booleans)
@settings(max_examples=40)
def test_attention_is_that_of_pytorch(rng, n, length, keys, width, n_out, causal, masked):
    """Value and the gradients of queries, keys and values, on one batch axis or two."""
    lead = (n, 2) if masked else (n,)
    q, k, v = (rng.normal(size=(*lead, *s)) for s in ((length, width), (keys, width), (keys, n_out)))
    mask = some_of_each(rng, n, 1, length, keys) if masked else None
    mask = np.maximum(mask, np.arange(keys) == 0) if masked and causal else mask  # causal, row 0 sees key 0 alone
    allowed = mask & np.tri(length, keys, dtype=bool) if masked and causal else mask
    theirs = [tensor(a) for a in (q, k, v)]
    y_theirs = F.scaled_dot_product_attention(
        *theirs, attn_mask=torch.tensor(allowed) if masked else None, is_causal=causal and not masked
    )
    y, backward = Attention(causal).forward(q, k, v, mask)
    dy = rng.normal(size=y.shape)
    y_theirs.backward(torch.tensor(dy))
    assert_equal(y, y_theirs)
    *gradients, _ = backward(dy)
    for one, other in zip(gradients, theirs, strict=True):
        assert_equal(one, other.grad)


def in_torch(layer):
    width = layer.W_q.shape[1]
    module = torch.nn.MultiheadAttention(
        width, layer.heads, batch_first=True, kdim=len(layer.W_k), vdim=len(layer.W_v), dtype=torch.float64
    )
    module._qkv_same_embed_dim = False
    blocks = {f"{name}_proj_weight": getattr(layer, f"W_{name}") for name in "qkv"}
    for name, W in blocks.items():
        setattr(module, name, torch.nn.Parameter(torch.tensor(np.ascontiguousarray(W.T))))
    with torch.no_grad():
        module.in_proj_bias.copy_(torch.tensor(np.concatenate([layer.b_q, layer.b_k, layer.b_v])))
        module.out_proj.weight.copy_(torch.tensor(layer.W_o.T))
        module.out_proj.bias.copy_(torch.tensor(layer.b_o))
    return module


def assert_same_parameters(grad, module):
    for name in "qkv":
        assert_equal(getattr(grad, f"W_{name}"), getattr(module, f"{name}_proj_weight").grad.numpy().T)
    assert_equal(np.concatenate([grad.b_q, grad.b_k, grad.b_v]), module.in_proj_bias.grad)
    assert_equal(grad.W_o, module.out_proj.weight.grad.numpy().T)
    assert_equal(grad.b_o, module.out_proj.bias.grad)


@given(
    rng=generators,
    n=sizes,
    length=sizes,
    keys=sizes,
    heads=st.sampled_from([1, 2, 3]),
    kind=st.sampled_from(["no", "padding", "each"]),
)
@settings(max_examples=40)
def test_heads_are_those_of_pytorch(rng, n, length, keys, heads, kind):
    """Value and every gradient; of keys and values of other widths, with padding, and with a mask for each query."""
    layer = MultiHeadAttention(
        *(rng.normal(size=s) for s in ((6, 6), (3, 6), (5, 6), (6, 6))), *rng.normal(size=(4, 6)), heads
    )
    inputs = [rng.normal(size=s) for s in ((n, length, 6), (n, keys, 3), (n, keys, 5))]
    mask = {"no": None, "padding": some_of_each(rng, n, keys), "each": some_of_each(rng, n, length, keys)}[kind]
    module, theirs = in_torch(layer), [tensor(a) for a in inputs]
    ignored = {
        "no": {},
        "padding": {"key_padding_mask": torch.tensor(~mask) if kind == "padding" else None},
        "each": {"attn_mask": torch.tensor(np.repeat(~mask, heads, axis=0)) if kind == "each" else None},
    }[kind]
    y_theirs, _ = module(*theirs, **ignored, need_weights=False)
    y, backward = layer.forward(*inputs, mask)
    dy = rng.normal(size=y.shape)
    y_theirs.backward(torch.tensor(dy))
    assert_equal(y, y_theirs)
    *gradients, grad = backward(dy)
    for one, other in zip(gradients, theirs, strict=True):
        assert_equal(one, other.grad)
    assert_same_parameters(grad, module)


@given(rng=generators, n=sizes, length=sizes, causal=booleans)
@settings(max_examples=25)
def test_self_attention_is_that_of_pytorch(rng, n, length, causal):
    """The gradient of x is the sum of those of query, key and value."""
    layer = noisy(SelfAttention.random(4, 2, rng, causal=causal), rng)
    x, dy = rng.normal(size=(2, n, length, 4))
    module, x_theirs = in_torch(layer.attention), tensor(x)
    later = torch.tensor(~np.tri(length, dtype=bool)) if causal else None
    y_theirs, _ = module(x_theirs, x_theirs, x_theirs, attn_mask=later, need_weights=False)
    y_theirs.backward(torch.tensor(dy))
    y, backward = layer.forward(x)
    dx, grad = backward(dy)
    assert_equal(y, y_theirs)
    assert_equal(dx, x_theirs.grad)
    assert_same_parameters(grad.attention, module)


def attention(q, k, v, mask):
    s = jnp.where(mask, q @ jnp.swapaxes(k, -1, -2) / jnp.sqrt(q.shape[-1]), -jnp.inf)
    return jax.nn.softmax(s, axis=-1) @ v


def multi_head(p, query, key, value, mask):
    def cut(x):
        return jnp.swapaxes(x.reshape(*x.shape[:2], 2, -1), 1, 2)

    q, k, v = (cut(x @ p[f"W_{name}"] + p[f"b_{name}"]) for name, x in zip("qkv", (query, key, value), strict=True))
    heads = jnp.swapaxes(attention(q, k, v, mask[:, None]), 1, 2)
    return heads.reshape(*heads.shape[:2], -1) @ p["W_o"] + p["b_o"]


def turned(x):
    t, d = x.shape[-2:]
    turn = jnp.exp(1j * jnp.arange(t)[:, None] / 10000.0 ** (jnp.arange(0, d, 2) / d))
    z = (x[..., 0::2] + 1j * x[..., 1::2]) * turn
    return jnp.stack([z.real, z.imag], axis=-1).reshape(x.shape)


@given(rng=generators, shape=st.sampled_from([(1, 1, 1), (3, 4, 5), (2, 5, 3)]))
@settings(max_examples=8)
def test_heads_are_those_of_jax(rng, shape):
    """Value and every gradient, with a mask for each query."""
    n, length, keys = shape
    layer = noisy(MultiHeadAttention.random(4, 2, rng), rng)
    inputs = [rng.normal(size=s) for s in ((n, length, 4), (n, keys, 4), (n, keys, 4))]
    mask, dy = some_of_each(rng, n, length, keys), rng.normal(size=(n, length, 4))
    y_theirs, (dp, *dinputs, _) = compiled(multi_head)(dy, parameters(layer), *inputs, mask)
    y, backward = layer.forward(*inputs, mask)
    *gradients, grad = backward(dy)
    assert_equal(y, y_theirs)
    for one, other in zip(gradients, dinputs, strict=True):
        assert_equal(one, other)
    for name, one in parameters(grad).items():
        assert_equal(one, dp[name])


@given(rng=generators, shape=st.sampled_from([(1, 1, 2), (3, 4, 6), (2, 5, 4)]))
@settings(max_examples=8)
def test_the_rotary_encoding_is_a_complex_product_in_jax(rng, shape):
    """Each pair of features, as a complex number, is turned."""
    x, dy = rng.normal(size=(2, *shape))
    y_theirs, (dx_theirs,) = compiled(turned)(dy, x)
    y, backward = RotaryEncoding().forward(x)
    assert_equal(y, y_theirs)
    assert_equal(backward(dy)[0], dx_theirs)


@given(rng=generators, n=sizes, t=sizes, spare=sizes, d=sizes)
@settings(max_examples=25)
def test_a_position_embedding_is_an_embedding_of_the_places_in_pytorch(rng, n, t, spare, d):
    """Value, and the gradients of x and of the table."""
    layer = PositionEmbedding(rng.normal(size=(t + spare, d)))
    x, dy = rng.normal(size=(2, n, t, d))
    x_theirs, P = tensor(x), tensor(layer.P)
    y_theirs = x_theirs + F.embedding(torch.arange(t), P)
    y_theirs.backward(torch.tensor(dy))
    y, backward = layer.forward(x)
    dx, grad = backward(dy)
    for one, other in ((y, y_theirs), (dx, x_theirs.grad), (grad.P, P.grad)):
        assert_equal(one, other)


@given(rng=generators, t=st.integers(1, 50), d=st.integers(1, 9))
@settings(max_examples=25)
def test_the_positional_encoding_is_the_loop_of_the_paper(rng, t, d):
    """Entry by entry, as it is written there."""
    y, _ = PositionalEncoding().forward(np.zeros((1, t, d)))
    angle = [[pos / 10000 ** (2 * (j // 2) / d) for j in range(d)] for pos in range(t)]
    P = [[np.cos(a) if j % 2 else np.sin(a) for j, a in enumerate(row)] for row in angle]
    np.testing.assert_allclose(y[0], P, rtol=1e-10, atol=1e-12)
