"""Flax: layers of flax.linen and flax.nnx."""

import jax
import jax.numpy as jnp
from flax import linen, nnx

from ecosystem import derivative, normal

x, tokens = jnp.asarray(normal(3, 4), jnp.float32), jnp.asarray(normal(2, 3, 4), jnp.float32)
image = jnp.asarray(normal(1, 5, 5, 2), jnp.float32)
rngs = nnx.Rngs(0)


def applied(name, module, x, **keywords):
    """Write a module of flax.linen as a function of its parameters and its input."""
    variables = module.init(jax.random.key(0), x)
    fixed = {key: value for key, value in variables.items() if key != "params"}
    return derivative(name, lambda p, x: module.apply({"params": p, **fixed}, x), variables["params"], x, **keywords)


CASES = [
    applied("linen.Dense", linen.Dense(3), x),
    applied("linen.Conv", linen.Conv(2, (3, 3)), image),
    applied("linen.LayerNorm", linen.LayerNorm(), x),
    applied("linen.RMSNorm", linen.RMSNorm(), x),
    applied("linen.GroupNorm", linen.GroupNorm(num_groups=2), x),
    applied("linen.MultiHeadAttention", linen.MultiHeadAttention(num_heads=2), tokens),
    applied("linen.RNN(LSTMCell)", linen.RNN(linen.LSTMCell(3)), tokens),
    applied("linen.RNN(GRUCell)", linen.RNN(linen.GRUCell(3)), tokens),
    applied("linen.WeightNorm(Dense)", linen.WeightNorm(linen.Dense(3)), x),
    derivative("nnx.Linear", nnx.Linear(4, 3, rngs=rngs), x),
    derivative(
        "nnx.MultiHeadAttention",
        nnx.MultiHeadAttention(2, 4, decode=False, rngs=rngs),
        tokens,
        truth="The softmax is computed in float32: small entries are known to some per cent only, and agree within.",
    ),
    derivative("nnx.LayerNorm", nnx.LayerNorm(4, rngs=rngs), x),
]
