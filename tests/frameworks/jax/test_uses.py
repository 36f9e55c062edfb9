"""Are all products in which a weight is met found, and no weight that is read elsewhere?"""

from __future__ import annotations

import pytest

jax = pytest.importorskip("jax")

import jax.numpy as jnp  # noqa: E402

from gradcheck._adapters.jax.equations import Equations  # noqa: E402
from gradcheck._adapters.jax.uses import uses  # noqa: E402
from gradcheck._adapters.jax.views import Views  # noqa: E402


@pytest.mark.parametrize(
    ("f", "met"),
    [
        (lambda x, W, b: jnp.sin(x @ W + b), [("W", "b", "x")]),
        (lambda x, W, b: jnp.sin(x @ W + jnp.sin(b)), [("W", None, "x")]),
        (lambda x, W, b: jnp.sin(x @ W + b) + b, [("W", None, "x")]),
        (lambda x, W, b: jnp.sin(x @ W + b) @ W.T @ W + b, [("W", "b", "x"), ("W", None, None), ("W", "b", None)]),
        (lambda x, W, b: (x @ W + b).sum() + (W**2).sum(), [("x", None, None)]),
    ],
    ids=["affine", "another bias", "bias elsewhere", "twice", "decay"],
)
def test_products_are_met(f, met):
    """By whatever name they are called."""
    equations = Equations.of(
        jax.make_jaxpr(lambda *given: [f(*given)])(jnp.ones((6, 5)), jnp.ones((5, 4)), jnp.ones(4))
    )
    views = Views.of(equations, dict(zip(equations.given, "xWb", strict=True)))
    found = [(use.weight, use.bias, use.given) for use in uses(equations, views, "x".__contains__)]
    if ("x", None, None) in met:
        assert "W" not in {weight for weight, _, _ in found}
    else:
        assert found == met
