"""What is it to say what a framework says? Value and every gradient, in float64, to ten digits.

For the tests of tests/frameworks/, of which some need PyTorch and some JAX: neither is imported before it is needed.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from hypothesis import strategies as st

from gradcheck.networks import parameters, rebuild

generators = st.integers(0, 2**32 - 1).map(np.random.default_rng)


def assert_equal(ours, theirs):
    """Ten digits of each entry, and twelve of the largest."""
    theirs = theirs.detach().numpy() if hasattr(theirs, "detach") else np.asarray(theirs)
    assert theirs.dtype == np.float64
    scale = max(1.0, np.max(np.abs(theirs), initial=0))
    np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12 * scale)


def tensor(array):
    """Return a tensor of PyTorch, in memory of its own, whose gradient is wanted."""
    import torch

    return torch.tensor(np.array(array), requires_grad=True)


def noisy(layer, rng):
    """Return the layer with other parameters, none of them zero or one."""
    return rebuild(layer, {p: rng.normal(size=a.shape) for p, a in parameters(layer).items()})


@cache
def compiled(f, **keywords):
    """Return f(*args) and its pullback of dy, as one function of dy and the arguments, compiled by JAX."""
    import jax

    def both(dy, *args):
        y, pullback = jax.vjp(lambda *a: f(*a, **keywords), *args)
        return y, pullback(dy)

    return jax.jit(both)
