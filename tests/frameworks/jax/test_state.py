"""Is everything as it was after a check of a model of JAX, at whatever call it ends?"""

from __future__ import annotations

import contextlib
import random

import numpy as np
import pytest

jax = pytest.importorskip("jax")
eqx = pytest.importorskip("equinox")

from gradcheck import GradientError, check_gradients  # noqa: E402


class Small(eqx.Module):
    """A layer."""

    W: jax.Array
    b: jax.Array


def world():
    """Return what a model of JAX lives in."""
    return jax.config.jax_enable_x64, random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, MemoryError])
def test_at_whatever_call_it_ends(error):
    """Of the function as it is written in Python: nothing of the model or the world has moved."""
    calls, at = [0], [0]
    model = Small(jax.numpy.ones((1, 2)), jax.numpy.zeros(1))

    def loss(model, x):
        calls[0] += 1
        if calls[0] == at[0]:
            raise error
        return jax.numpy.sum(jax.numpy.tanh(model.W @ x + model.b))

    x = jax.numpy.array([0.3, -0.2])

    def check():
        calls[0] = 0
        with contextlib.suppress(error, GradientError):
            check_gradients(loss, model, x, entries=1, neighbours=1)

    def now():
        return np.asarray(model.W).tobytes(), np.asarray(model.b).tobytes(), np.asarray(x).tobytes(), world()

    before = now()
    check()
    total = calls[0]
    assert total > 1
    for at[0] in range(1, total + 1):
        check()
        assert now() == before, f"call {at[0]} of {total}"
