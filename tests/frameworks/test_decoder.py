"""The decoder block says what PyTorch says, in float64, to ten digits, and its cross-attention what JAX says."""

from __future__ import annotations

import numpy as np
import pytest
from agreement import assert_equal, compiled, generators, noisy, tensor
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck.networks import CrossAttention, DecoderBlock, parameters

torch = pytest.importorskip("torch")
jax = pytest.importorskip("jax")
jnp = jax.numpy

WIDTH, HEADS, HIDDEN = 4, 2, 6
LOOK, THINK = "look_back.layer.layers", "think.layer.layer.layers"


def attention_in_pytorch(p, ours, theirs):
    """Name and turn the parameters of an attention, or their gradients, as PyTorch has them."""
    q, k, v = ([p[f"{ours}.{letter}_{name}"] for letter in "Wb"] for name in "qkv")
    return {
        f"{theirs}.in_proj_weight": np.concatenate([q[0].T, k[0].T, v[0].T]),
        f"{theirs}.in_proj_bias": np.concatenate([q[1], k[1], v[1]]),
        f"{theirs}.out_proj.weight": p[f"{ours}.W_o"].T,
        f"{theirs}.out_proj.bias": p[f"{ours}.b_o"],
    }


def as_in_pytorch(p):
    """Name and turn our parameters, or their gradients, as PyTorch's layer has them."""
    norms = {"norm1": f"{LOOK}[0]", "norm2": "norm", "norm3": f"{THINK}[0]"}
    dense = {"linear1": f"{THINK}[1]", "linear2": f"{THINK}[3]"}
    named = attention_in_pytorch(p, f"{LOOK}[1].attention", "self_attn")
    named |= attention_in_pytorch(p, "listen.attention", "multihead_attn")
    named |= {f"{theirs}.weight": p[f"{ours}.gamma"] for theirs, ours in norms.items()}
    named |= {f"{theirs}.bias": p[f"{ours}.beta"] for theirs, ours in norms.items()}
    named |= {f"{theirs}.weight": p[f"{ours}.W"].T for theirs, ours in dense.items()}
    return named | {f"{theirs}.bias": p[f"{ours}.b"] for theirs, ours in dense.items()}


@given(rng=generators, n=st.integers(1, 3), t=st.integers(1, 4), s=st.integers(1, 5), masked=st.booleans())
@settings(max_examples=25)
def test_a_block_is_a_decoder_layer_of_pytorch(rng, n, t, s, masked):
    """Value, and the gradients of both inputs and of all 26 parameters."""
    block = noisy(DecoderBlock.random(WIDTH, HEADS, HIDDEN, rng), rng)
    module = torch.nn.TransformerDecoderLayer(
        WIDTH, HEADS, HIDDEN, dropout=0, activation="gelu", batch_first=True, norm_first=True, dtype=torch.float64
    )
    module.load_state_dict({name: torch.tensor(a) for name, a in as_in_pytorch(parameters(block)).items()})
    (x, dy), memory = rng.normal(size=(2, n, t, WIDTH)), rng.normal(size=(n, s, WIDTH))
    mask = (np.arange(s) == 0) | (rng.random((n, s)) < 0.6) if masked else None  # the first may always be read
    x_theirs, memory_theirs = tensor(x), tensor(memory)
    later = torch.tensor(~np.tri(t, dtype=bool))
    hidden = None if mask is None else torch.tensor(~mask)
    y_theirs = module(x_theirs, memory_theirs, tgt_mask=later, memory_key_padding_mask=hidden)
    y_theirs.backward(torch.tensor(dy))
    y, backward = block.forward(x, memory, mask)
    dx, dmemory, grad = backward(dy)
    assert_equal(y, y_theirs)
    assert_equal(dx, x_theirs.grad)
    assert_equal(dmemory, memory_theirs.grad)
    ours = as_in_pytorch(parameters(grad))
    for name, theirs in module.named_parameters():
        assert_equal(ours[name], theirs.grad)


def formula(p, x, memory):
    def cut(name, of):
        z = of @ p[f"attention.W_{name}"] + p[f"attention.b_{name}"]
        return z.reshape(*of.shape[:2], HEADS, -1)

    agree = jnp.einsum("nlhd,nshd->nhls", cut("q", x), cut("k", memory)) / jnp.sqrt(WIDTH / HEADS)
    heads = jnp.einsum("nhls,nshd->nlhd", jax.nn.softmax(agree), cut("v", memory))
    return heads.reshape(x.shape) @ p["attention.W_o"] + p["attention.b_o"]


@given(rng=generators, t=st.sampled_from([1, 3]))
@settings(max_examples=8)
def test_cross_attention_is_its_formula_in_jax(rng, t):
    """Value, and the gradients of both inputs and of all eight parameters."""
    layer = noisy(CrossAttention.random(WIDTH, HEADS, rng), rng)
    (x, dy), memory = rng.normal(size=(2, 2, t, WIDTH)), rng.normal(size=(2, 4, WIDTH))
    y_theirs, (dp, dx_theirs, dmemory_theirs) = compiled(formula)(dy, parameters(layer), x, memory)
    y, backward = layer.forward(x, memory)
    dx, dmemory, grad = backward(dy)
    assert_equal(y, y_theirs)
    assert_equal(dx, dx_theirs)
    assert_equal(dmemory, dmemory_theirs)
    for path, one in parameters(grad).items():
        assert_equal(one, dp[path])
