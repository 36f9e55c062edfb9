"""Optimistix: roots, fixed points and minima, differentiated implicitly."""

import jax.numpy as jnp
import optimistix as optx

from ecosystem import derivative

p = jnp.array([0.7, 0.3])

CASES = [
    derivative(
        "root_find(Newton)",
        lambda p: optx.root_find(lambda y, p: y + p[0] * jnp.sin(y) - p[1], optx.Newton(1e-8, 1e-8), 0.1, p).value,
        p,
    ),
    derivative(
        "fixed_point",
        lambda p: (
            optx.fixed_point(
                lambda y, p: jnp.tanh(p * y + 0.5), optx.FixedPointIteration(1e-8, 1e-8), jnp.zeros(2), p
            ).value
        ),
        p,
    ),
    derivative(
        "minimise(BFGS)",
        lambda p: (
            optx.minimise(
                lambda y, p: jnp.sum((y - p) ** 2) + jnp.sum(y**4), optx.BFGS(1e-8, 1e-8), jnp.ones(2), p
            ).value
        ),
        p,
    ),
    derivative(
        "least_squares(LevenbergMarquardt)",
        lambda p: (
            optx.least_squares(
                lambda y, p: jnp.array([y[0] - p[0], y[1] * y[0] - p[1]]),
                optx.LevenbergMarquardt(1e-8, 1e-8),
                jnp.ones(2),
                p,
            ).value
        ),
        p,
    ),
]
