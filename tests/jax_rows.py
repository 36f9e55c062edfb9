"""The rows of a function of JAX, opened to be shifted."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from gradcheck._adapters.jax.after import JaxAfter, Replay, Suffix
from gradcheck._adapters.jax.equations import Equations
from gradcheck._adapters.jax.precision import double

Z = np.linspace(-1, 2, 20).reshape(5, 4)


def opened(loss, u=0.5, units=10_000):
    """Return what comes after the rows Z of a loss, for a cotangent u, and its value."""
    with double(wanted=True):
        equations = Equations.of(jax.make_jaxpr(lambda z: [loss(z)])(Z))
        start = equations.given[0]
        y = loss(jnp.asarray(Z))
        suffix = Suffix.of(equations, start, [np.full(y.shape, u)])
        values = dict(zip(suffix.reads, equations.values(suffix.reads, [Z]), strict=True))
        replay = Replay.of(suffix, values, np.arange(20).reshape(5, 4), lambda: double(wanted=True))
        return JaxAfter.of(replay, Z, {5}, units), float(y.sum() * u)
