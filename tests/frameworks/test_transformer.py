"""The transformer block says what PyTorch and JAX say, in float64, to ten digits."""

from __future__ import annotations

import numpy as np
import pytest
from agreement import assert_equal, compiled, generators
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck.networks import parameters, rebuild, transformer_block

torch = pytest.importorskip("torch")
jax = pytest.importorskip("jax")
jnp = jax.numpy

WIDTH, HEADS, HIDDEN = 4, 2, 6
FIRST, SECOND = "layers[0].layer.layers", "layers[1].layer.layer.layers"
LISTEN, INNER, OUTER = f"{FIRST}[1].attention", f"{SECOND}[1]", f"{SECOND}[3]"


def drawn(rng, *, causal):
    block = transformer_block(WIDTH, HEADS, HIDDEN, rng, causal=causal)
    return rebuild(block, {p: rng.normal(size=a.shape) for p, a in parameters(block).items()})


def as_in_pytorch(p):
    """Name and turn our parameters, or their gradients, as PyTorch's layer has them."""
    q, k, v = ([p[f"{LISTEN}.{letter}_{name}"] for letter in "Wb"] for name in "qkv")
    return {
        "self_attn.in_proj_weight": np.concatenate([q[0].T, k[0].T, v[0].T]),
        "self_attn.in_proj_bias": np.concatenate([q[1], k[1], v[1]]),
        "self_attn.out_proj.weight": p[f"{LISTEN}.W_o"].T,
        "self_attn.out_proj.bias": p[f"{LISTEN}.b_o"],
        "linear1.weight": p[f"{INNER}.W"].T,
        "linear1.bias": p[f"{INNER}.b"],
        "linear2.weight": p[f"{OUTER}.W"].T,
        "linear2.bias": p[f"{OUTER}.b"],
        "norm1.weight": p[f"{FIRST}[0].gamma"],
        "norm1.bias": p[f"{FIRST}[0].beta"],
        "norm2.weight": p[f"{SECOND}[0].gamma"],
        "norm2.bias": p[f"{SECOND}[0].beta"],
    }


@given(rng=generators, n=st.integers(1, 4), t=st.integers(1, 5), causal=st.booleans())
@settings(max_examples=25)
def test_a_block_is_an_encoder_layer_of_pytorch(rng, n, t, causal):
    """Value, and the gradients of the input and of all sixteen parameters."""
    block = drawn(rng, causal=causal)
    module = torch.nn.TransformerEncoderLayer(
        WIDTH, HEADS, HIDDEN, dropout=0, activation="gelu", batch_first=True, norm_first=True, dtype=torch.float64
    )
    module.load_state_dict({name: torch.tensor(a) for name, a in as_in_pytorch(parameters(block)).items()})
    x, dy = rng.normal(size=(2, n, t, WIDTH))
    x_theirs = torch.tensor(x, requires_grad=True)
    later = torch.tensor(~np.tri(t, dtype=bool)) if causal else None
    y_theirs = module(x_theirs, src_mask=later)
    y_theirs.backward(torch.tensor(dy))
    y, backward = block.forward(x)
    dx, grad = backward(dy)
    assert_equal(y, y_theirs)
    assert_equal(dx, x_theirs.grad)
    ours = as_in_pytorch(parameters(grad))
    for name, theirs in module.named_parameters():
        assert_equal(ours[name], theirs.grad)


def normal(p, path, x):
    z = (x - x.mean(-1, keepdims=True)) / jnp.sqrt(x.var(-1, keepdims=True) + 1e-5)
    return p[f"{path}.gamma"] * z + p[f"{path}.beta"]


def listened(p, x):
    def cut(name):
        z = x @ p[f"{LISTEN}.W_{name}"] + p[f"{LISTEN}.b_{name}"]
        return z.reshape(*x.shape[:2], HEADS, -1)

    agree = jnp.einsum("nlhd,nshd->nhls", cut("q"), cut("k")) / jnp.sqrt(WIDTH / HEADS)
    shares = jax.nn.softmax(jnp.where(jnp.tri(x.shape[1], dtype=bool), agree, -jnp.inf))
    heads = jnp.einsum("nhls,nshd->nlhd", shares, cut("v"))
    return heads.reshape(x.shape) @ p[f"{LISTEN}.W_o"] + p[f"{LISTEN}.b_o"]


def formula(p, x):
    x = x + listened(p, normal(p, f"{FIRST}[0]", x))
    h = normal(p, f"{SECOND}[0]", x) @ p[f"{INNER}.W"] + p[f"{INNER}.b"]
    return x + jax.nn.gelu(h, approximate=False) @ p[f"{OUTER}.W"] + p[f"{OUTER}.b"]


@given(rng=generators, shape=st.sampled_from([(1, 1), (3, 4)]))
@settings(max_examples=8)
def test_a_causal_block_is_its_formula_in_jax(rng, shape):
    """Value, and the gradients of the input and of all sixteen parameters."""
    block, (x, dy) = drawn(rng, causal=True), rng.normal(size=(2, *shape, WIDTH))
    y_theirs, (dp, dx_theirs) = compiled(formula)(dy, parameters(block), x)
    y, backward = block.forward(x)
    dx, grad = backward(dy)
    assert_equal(y, y_theirs)
    assert_equal(dx, dx_theirs)
    for path, one in parameters(grad).items():
        assert_equal(one, dp[path])
