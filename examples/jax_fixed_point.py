"""The derivative of an implicit fixed point, x = tanh(A x + b), by a jax.custom_vjp.

The fixed point is found by iteration; its derivative needs none of the steps, but one linear system: with J the
Jacobian of the right-hand side at the solution, (I - J)^T w = dx. A first version leaves out that system and takes the
derivative of the last step alone.
"""

import jax
import jax.numpy as jnp

from gradcheck import check_gradients


def step(x, A, b):
    return jnp.tanh(A @ x + b)


def iterated(A, b):
    return jax.lax.fori_loop(0, 200, lambda _, x: step(x, A, b), jnp.zeros_like(b))


def with_rule(backward):
    @jax.custom_vjp
    def fixed_point(A, b):
        return iterated(A, b)

    def forward(A, b):
        x = iterated(A, b)
        return x, (x, A, b)

    fixed_point.defvjp(forward, backward)
    return fixed_point


def last_step(kept, dx):
    x, A, b = kept
    _, pullback = jax.vjp(lambda A, b: step(x, A, b), A, b)
    return pullback(dx)


def implicit(kept, dx):
    x, A, b = kept
    J = jax.jacobian(step)(x, A, b)
    w = jnp.linalg.solve((jnp.eye(len(b)) - J).T, dx)
    _, pullback = jax.vjp(lambda A, b: step(x, A, b), A, b)
    return pullback(w)


A = jax.random.normal(jax.random.key(0), (4, 4)) / 4
b = jax.random.normal(jax.random.key(1), (4,))
for backward in (last_step, implicit):
    report = check_gradients(with_rule(backward), A, b)
    print(f"--- {backward.__name__}")
    print(report)
