"""Equinox: layers."""

import equinox as eqx
import jax
import jax.numpy as jnp

from ecosystem import derivative, normal

key = jax.random.key(0)
x, row = jnp.asarray(normal(3, 4), jnp.float32), jnp.asarray(normal(4), jnp.float32)

CASES = [
    derivative("nn.Linear", eqx.nn.Linear(4, 3, key=key), row),
    derivative("nn.MLP", eqx.nn.MLP(4, 2, 5, 2, key=key), row),
    derivative("nn.GRUCell", eqx.nn.GRUCell(4, 3, key=key), row, jnp.asarray(normal(3), jnp.float32)),
    derivative("nn.LayerNorm", eqx.nn.LayerNorm(4), row),
    derivative("nn.RMSNorm", eqx.nn.RMSNorm(4), row),
    derivative("nn.MultiheadAttention", eqx.nn.MultiheadAttention(2, 4, key=key), x, x, x),
    derivative("nn.Conv1d", eqx.nn.Conv1d(3, 2, 3, key=key), x),
    derivative("nn.RotaryPositionalEmbedding", eqx.nn.RotaryPositionalEmbedding(4), x),
]
