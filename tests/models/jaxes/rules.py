"""Functions of one line with a derivative written by hand, for tests that spoil a part of it."""

from __future__ import annotations

import jax
import jax.numpy as jnp


def with_backward(f, forward, backward):
    """Return f with a derivative written by hand."""
    made = jax.custom_vjp(f)
    made.defvjp(forward, backward)
    return made


def product(factor):
    """The sine of x times y, the gradient of y times a factor."""
    return with_backward(
        lambda x, y: jnp.sin(x) * y,
        lambda x, y: (jnp.sin(x) * y, (x, y)),
        lambda kept, u: (u * jnp.cos(kept[0]) * kept[1], factor * u * jnp.sin(kept[0])),
    )


def sine(factor):
    """The sine, its tangent times a factor."""
    made = jax.custom_jvp(jnp.sin)
    made.defjvp(lambda x, v: (jnp.sin(x[0]), factor * v[0] * jnp.cos(x[0])))
    return made


def told(forward, backward):
    """The sine of x times y, by rules that are told what is differentiated: forward(x, y), backward(kept, u)."""
    made = jax.custom_vjp(lambda x, y: jnp.sin(x) * y)
    made.defvjp(forward, backward, symbolic_zeros=True)
    return made
