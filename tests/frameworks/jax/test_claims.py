"""What if the gradient of a function of JAX is stated? Both functions see arrays of JAX, the checker those of NumPy."""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax")
jnp = jax.numpy

from gradcheck import InputError, check_gradients  # noqa: E402
from gradcheck._adapters.jax.claims import oracle  # noqa: E402
from gradcheck._options import Options  # noqa: E402

X = np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)


def verdicts(report):
    return {name: t.verdict.name for name, t in report.tensors.items()}


def right(*names):
    return dict.fromkeys(names, "CORRECT")


CLAIMS = {
    "grad": lambda k, x: check_gradients(lambda x: jnp.sum(x**3), x, grad=lambda x: k * 3 * x**2),
    "vjp": lambda k, x: check_gradients(lambda x: x**3, x, vjp=lambda x, u: k * 3 * x**2 * u),
    "jvp": lambda k, x: check_gradients(lambda x: x**3, x, jvp=lambda x, v: k * 3 * x**2 * v),
    "value_and_grad": lambda k, x: check_gradients(lambda x: (jnp.sum(x**3), k * 3 * x**2), x, value_and_grad=True),
}


@pytest.mark.parametrize("check", CLAIMS.values(), ids=CLAIMS)
def test_a_gradient_that_is_stated_is_checked(check):
    """The functions see arrays of JAX, in float32 and in float64."""
    assert verdicts(check(1.0, jnp.array(X))) == right("x")
    assert verdicts(check(1.1, jnp.array(X))) == {"x": "WRONG"}


def test_a_stated_gradient_of_bfloat16_is_checked():
    """NumPy has no such dtype, and neither function is given another for it."""
    seen = set()

    def f(x):
        seen.add(str(x.dtype))
        return jnp.sum(x**3)

    x = jnp.array(X).astype(jnp.bfloat16)
    report = check_gradients(f, x, grad=lambda x: 3 * x**2)
    assert verdicts(report) == right("x")
    assert report.tensors["x"].dtype == "bfloat16"
    assert seen == {"bfloat16", "float64"}


def test_two_claims_are_refused():
    """As those of NumPy's functions are."""
    with pytest.raises(InputError, match="grad= and vjp= mean the same"):
        oracle(jnp.sum, (jnp.array(X),), Options(grad=jnp.ones_like, vjp=jnp.ones_like))


def test_what_has_no_gradient_reaches_both_functions_as_it_was_given():
    """Keys, integers and words; arguments by keyword stand in their places."""
    key, labels, seen = jax.random.key(0), np.arange(3), []

    def f(x, key, labels, how):
        seen.append((key, type(labels), how))
        return jnp.sum(x[:, labels])

    made = oracle(f, (jnp.array(X), key, labels), Options(grad=lambda x, *_: jnp.ones_like(x), inputs={"how": "sum"}))
    assert made.value(made.point) == pytest.approx(X.sum())
    assert np.array_equal(made.gradient(made.point)["x"], np.ones_like(X))
    assert (seen[-1][0] is key, seen[-1][1:]) == (True, (np.ndarray, "sum"))
