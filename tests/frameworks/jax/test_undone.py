"""Is it named what JAX's means hold constant on the way back, and nothing blamed for what is simply wrong?"""

from __future__ import annotations

import pytest

jax = pytest.importorskip("jax")

import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

from gradcheck import Verdict, check_gradients  # noqa: E402

X = jnp.asarray(np.random.default_rng(0).normal(size=(5, 3)), dtype=jnp.float32)
A = jnp.abs(X[:, 0]) + 0.5
Z = (X[:, 0] + 1j * X[:, 1]).astype(jnp.complex64)
stop = jax.lax.stop_gradient


def own(forward, backward):
    """Return a function with a backward of its own."""
    f = jax.custom_vjp(forward)
    f.defvjp(lambda x: (forward(x), x), lambda x, g: (backward(x, g),))
    return f


def product(x):
    return jnp.sum(x * stop(jnp.sin(x)))


def scanned(x):
    return jax.lax.scan(lambda c, row: (c + product(row), None), 0.0, x)[0]


CASES = {
    "a part": (lambda x: jnp.tanh(x) * stop(jnp.exp(x)), X, "right without stop_gradient()"),
    "compiled": (jax.jit(lambda x: jnp.sum(stop(jax.nn.softmax(x)) * x**2)), X, "right without stop_gradient()"),
    "in a scan": (scanned, X, "right without stop_gradient()"),
    "in a branch": (lambda x: jax.lax.cond(x.sum() > -99, product, jnp.sum, x), X, "right without stop_gradient()"),
    "in a loop": (
        lambda x: jax.lax.fori_loop(0, 3, lambda i, c: c + product(i * x), 0.0),
        X,
        "without stop_gradient()",
    ),
    "in a checkpoint": (jax.checkpoint(product), X, "right without stop_gradient()"),
    "straight through": (lambda x: x + stop(jnp.round(2 * x) / 2 - x), X, "a straight-through estimator: the function"),
    "rounding": (own(lambda x: 1.0 * jnp.round(x), lambda _, g: g), 3 * X, "a straight-through estimator: the f"),
    "gamma": (lambda a: jax.random.gamma(jax.random.key(0), a), A, "a sample of a gamma distribution"),
    "dirichlet": (lambda a: jax.random.dirichlet(jax.random.key(0), a), A, "a sample of a gamma distribution"),
    "conjugate": (own(lambda z: z * z, lambda z, g: 2 * g * jnp.conj(z)), Z, "a conjugate is missing"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_left_out_is_named(name):
    """By undoing it, wherever it can be undone."""
    f, point, words = CASES[name]
    report = check_gradients(f, point)
    assert report.verdict is Verdict.WRONG
    assert words in report.diagnosis[0], report.diagnosis


def test_what_is_simply_wrong_is_not_blamed_on_them():
    """The gradient is as wrong without them."""
    cube = own(lambda x: x**3, lambda x, g: g * jnp.sin(x))
    report = check_gradients(lambda x: cube(x) + 0 * stop(x), X)
    assert report.verdict is Verdict.WRONG
    assert not any("stop_gradient" in sentence for sentence in report.diagnosis)


def test_the_gradients_of_jax_are_what_they_were():
    """Nothing that was undone is remembered."""

    def f(x):
        return jnp.sum(jnp.tanh(x) * stop(jnp.exp(x)))

    before = jax.grad(f)(X)
    check_gradients(f, X)
    assert np.array_equal(before, jax.grad(f)(X))


def test_only_what_reaches_the_sampler_is_excused():
    """Another tensor that is wrong has another cause."""
    twice = own(lambda x: x, lambda _, g: 2 * g)
    key = jax.random.key(0)
    report = check_gradients(lambda a, x: jax.random.gamma(key, a).sum() + twice(x).sum(), A, X)
    assert report.tensors["x"].verdict is Verdict.WRONG
    assert not any("on purpose" in sentence for sentence in report.diagnosis)
