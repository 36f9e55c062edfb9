"""Is a scalar opened into what adds up to it, as far as it is a sum?"""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax")

import jax.numpy as jnp  # noqa: E402
from jax_rows import Z, opened  # noqa: E402

LABELS = np.array([0, 3, 1, 2, 0])


@pytest.mark.parametrize(
    ("loss", "count"),
    [
        (lambda z: -jax.nn.log_softmax(z)[jnp.arange(5), LABELS].mean(), 5),
        (lambda z: -(jax.nn.one_hot(LABELS, 4) * jax.nn.log_softmax(z)).sum() / 5, 20),
        (lambda z: -jnp.exp(z).mean() / 3, 20),
        (lambda z: 2 * (jnp.exp(z).sum() - jnp.sin(z).mean()), 40),
        (lambda z: jnp.exp(z).mean(axis=0).sum(), 20),
        (lambda z: jnp.exp(z).sum(axis=1), 20),
        (lambda z: jnp.vdot(z, jnp.cos(z)), 20),
        (lambda z: jnp.average(jnp.exp(z).max(axis=1), weights=jnp.arange(1.0, 6.0)), 5),
        (jnp.linalg.norm, 1),
        (lambda z: z.sum() * jnp.exp(z).sum(), 1),
    ],
    ids=[
        *("labels", "one hot", "scaled", "two", "columns", "rows", "inner product", "weighted", "norm", "product"),
    ],
)
def test_a_sum_is_opened_and_nothing_else(loss, count):
    """What it opens into adds up to it."""
    after, value = opened(loss)
    assert len(after.base) == count
    assert after.base.sum() == pytest.approx(value, rel=1e-12)


def test_constants_are_left_out():
    """They do not hear of the place."""
    after, value = opened(lambda z: jnp.exp(z).sum() + Z.sum())
    assert after.base.sum() == pytest.approx(value - 0.5 * Z.sum(), rel=1e-12)
