"""Is a loop as much work as its turns, and a product as its factors?"""

from __future__ import annotations

import pytest

jax = pytest.importorskip("jax")

import jax.numpy as jnp  # noqa: E402

from gradcheck._adapters.jax.equations import Equations  # noqa: E402
from gradcheck._adapters.jax.work import work  # noqa: E402


def worked(f):
    equations = Equations.of(jax.make_jaxpr(lambda x: [f(x)])(jnp.ones((2, 3))))
    return work(equations, equations.steps)


def test_a_loop_is_as_much_work_as_its_turns():
    """Whatever is in it."""
    assert worked(lambda x: jax.lax.scan(lambda c, _: (jnp.sin(c), None), x, length=50)[0]) >= 50 * worked(jnp.sin)


def test_a_product_is_more_than_what_comes_of_it():
    """By what is added up."""
    assert worked(lambda x: x @ x.T) > 4
