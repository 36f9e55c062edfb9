"""What does a rule promise beside its numbers? The value of its function, and to be linear in its tangents."""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax")
jnp = jax.numpy

from gradcheck import InputError, check_gradients  # noqa: E402
from gradcheck._adapters.jax.rules import refuse_other_value, refused  # noqa: E402

X = jnp.array([0.5, -1.2, 2.0, 0.1])


def sine(rule):
    """Return a sine with a rule of its own for tangents."""
    f = jax.custom_jvp(jnp.sin)
    f.defjvp(lambda given, tangents: (jnp.sin(given[0]), rule(given[0], tangents[0])))
    return f


@pytest.mark.parametrize(
    "rule",
    [
        lambda x, dx: jnp.cos(x) * dx**2,
        lambda x, dx: jnp.cos(x) * jnp.abs(dx),
        lambda x, dx: jnp.clip(jnp.cos(x) * dx, -0.5, 0.5),
        lambda x, dx: jnp.where(dx > 0, jnp.cos(x) * dx, 0.0),
        lambda x, dx: jnp.cos(x) * dx / jnp.linalg.norm(dx),
    ],
    ids=["squared", "absolute", "clipped", "of one sign", "normalised"],
)
def test_a_rule_that_is_not_linear_in_its_tangents_is_wrong(rule):
    """JAX cannot go back through it, and says so in words of its own, or in none at all."""
    report = check_gradients(sine(rule), X)
    assert str(report.verdict) == "WRONG"
    assert "forward mode is not linear" in report.problems[0].sentence


def test_a_linear_rule_is_right_and_a_backward_that_raises_is_not_blamed_on_it():
    """What JAX says of a gradient that it does not know is passed on."""
    assert str(check_gradients(sine(lambda x, dx: jnp.cos(x) * dx), X).verdict) == "CORRECT"

    def push(_, tangents):
        return [2 * t for t in tangents]

    assert refused(ValueError("no"), push, [np.ones(2, np.float32), 1.0]) is None
    assert refused(ValueError("no"), lambda *_: 1 / 0, [np.ones(2)]) is None


@pytest.mark.parametrize("cube", [lambda x: x**2, lambda x: 1.01 * x**3], ids=["square", "longer"])
def test_a_rule_whose_forward_computes_something_else_is_wrong(cube):
    """Its gradient is right, and what is trained on is another function."""
    f = jax.custom_vjp(lambda x: x**3)
    f.defvjp(lambda x: (cube(x), x), lambda x, dy: (3 * x**2 * dy,))
    report = check_gradients(f, X)
    assert str(report.verdict) == "WRONG"
    assert "returns another value" in report.problems[0].sentence
    g = jax.custom_jvp(lambda x: x**3)
    g.defjvp(lambda given, dx: (cube(given[0]), 3 * given[0] ** 2 * dx[0]))
    assert str(check_gradients(g, X).verdict) == "WRONG"


@pytest.mark.parametrize("changed", [jnp.sum, lambda y: y.astype(jnp.float16)], ids=["another shape", "another dtype"])
def test_a_rule_whose_forward_returns_another_shape_is_wrong(changed):
    """JAX refuses the cotangent of the function, and does not say why."""
    f = jax.custom_vjp(lambda x: x**3)
    f.defvjp(lambda x: (changed(x**3), x), lambda x, dy: (3 * x**2 * dy,))
    report = check_gradients(f, X)
    assert str(report.verdict) == "WRONG"
    assert "for one of shape (4,)" in report.problems[0].sentence


def test_a_forward_that_differs_by_its_rounding_is_right():
    """As one in single precision does, or a solver that stops elsewhere."""
    f = jax.custom_vjp(lambda x: x**3)
    f.defvjp(lambda x: (((x.astype(jnp.float32)) ** 3).astype(x.dtype), x), lambda x, dy: (3 * x**2 * dy,))
    assert str(check_gradients(f, X).verdict) == "CORRECT"
    refuse_other_value([np.array([1.0, 2.0])], [np.array([1.0, 2.001])])
    with pytest.raises(InputError, match="another value, nan for 2"):
        refuse_other_value([np.array([1.0, np.nan])], [np.array([1.0, 2.0])])
