"""A jax.custom_vjp with a mistake in its backward."""

import jax
import jax.numpy as jnp

from gradcheck import check_gradients


@jax.custom_vjp
def normalised(x, scale):
    return scale * x / jnp.sqrt(jnp.mean(x**2))


def forward(x, scale):
    return normalised(x, scale), (x, scale)


def backward(kept, dy):
    x, scale = kept
    rms = jnp.sqrt(jnp.mean(x**2))
    return dy * scale / rms, dy * x / rms  # forgets that rms depends on x


normalised.defvjp(forward, backward)
print(check_gradients(normalised, jnp.arange(1.0, 5.0), jnp.array([1.0, -1.0, 2.0, 0.5])))
