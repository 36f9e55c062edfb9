"""What does JAX make of a function of arrays? What its rules say, right or wrong, in the precision it is given."""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax")
jnp = jax.numpy

from models.jaxes.rules import product, sine  # noqa: E402

from gradcheck._adapters.jax.derivatives import Derivatives  # noqa: E402

X = np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)

EPS = float(np.finfo(np.float32).eps)
U = np.ones_like(X)


def made(f):
    """Return what JAX makes of a function of one array, or of two."""
    return Derivatives(lambda arrays: [f(*arrays)], EPS, pure=False)


def test_a_wrong_rule_is_what_is_said():
    """It is the claim; nobody puts it right."""
    _, dy = made(product(3.0)).pulled([X, X], [U])
    assert np.allclose(dy, 3 * np.sin(X))
    (tangent,) = made(sine(2.0)).pushed([X], [U])
    assert np.allclose(tangent, 2 * np.cos(X))


def test_there_and_back_and_many_at_once():
    """Each as a list of arrays of NumPy."""
    run = made(jnp.sin)
    assert np.allclose(run.values([X])[0], np.sin(X))
    assert np.allclose(run.pulled([X], [2 * U])[0], 2 * np.cos(X))
    assert np.allclose(run.pushed([X], [3 * U])[0], 3 * np.cos(X))
    (many,) = run.pulled_many([X], [np.stack([U, -U])])
    assert np.allclose(many, np.stack([np.cos(X), -np.cos(X)]))
    assert type(many) is np.ndarray


def test_the_gradient_is_a_function_of_the_cotangent_as_well():
    """Flat, and the last of the arrays."""
    run = Derivatives(lambda a: [a[0] ** 2, jnp.sum(a[0])], EPS, pure=False)
    (dx,) = run.gradient([X, np.concatenate([X.ravel(), [2]]).astype(np.float32)])
    assert np.allclose(dx, 2 * X * X + 2, rtol=1e-5)


def test_float64_is_computed_in_where_it_is_given():
    """And in that call alone."""
    run = made(jnp.sin)
    wide = X.astype(np.float64)
    assert run.values([X])[0].dtype == np.float32
    (value,) = run.values([wide])
    assert np.array_equal(value, np.sin(wide)) or np.allclose(value, np.sin(wide), rtol=1e-14)
    assert run.pulled([wide], [U.astype(np.float64)])[0].dtype == np.float64
    assert run.values([X])[0].dtype == np.float32
    assert jnp.zeros(1).dtype == jnp.float32


@pytest.mark.skipif(not hasattr(jax.config, "jax_explicit_x64_dtypes"), reason="JAX draws other numbers in float64")
def test_random_numbers_are_those_of_the_users_precision():
    """The function in float64 is the one in float32, not one with another mask."""
    run = made(lambda x: x * jax.random.normal(jax.random.key(0), x.shape[:1], jnp.zeros(1).dtype)[:, None])
    (given,), (wide,) = run.values([X]), run.values([X.astype(np.float64)])
    assert wide.dtype == np.float64
    assert np.allclose(given, wide, rtol=1e-6)
