"""What all comparisons with the frameworks need."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="module")
def _float64(request):
    """Let JAX compute in float64, in modules that compare with it, and in these alone."""
    jax = getattr(request.module, "jax", None)
    if jax is None:
        yield
        return
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


@pytest.fixture(autouse=True)
def _seeded(request):
    """Draw the same numbers in every test of PyTorch, whichever ran before it."""
    torch = getattr(request.module, "torch", None)
    if torch is not None:
        torch.manual_seed(0)
