"""A model of equinox."""

import equinox as eqx
import jax

from gradcheck import check_gradients

model = eqx.nn.MLP(3, 2, width_size=4, depth=1, activation=jax.nn.tanh, key=jax.random.key(0))
print(check_gradients(model, jax.random.normal(jax.random.key(1), (3,))))
