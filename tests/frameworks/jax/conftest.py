"""In which precision do these tests compute? In that of most users of JAX, which a check leaves as it is."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="module")
def _float64():
    """Leave JAX in float32, as most of its users have it, and see that a check leaves it so."""
    jax = pytest.importorskip("jax")
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", False)
    yield
    assert not jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", before)
