"""Is it known where each number of a tensor lies, and who reads it there?"""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax")

import jax.numpy as jnp  # noqa: E402

from gradcheck._adapters.jax.equations import Equations  # noqa: E402
from gradcheck._adapters.jax.views import Views  # noqa: E402

LAID = {
    "turned": lambda x: x.T,
    "reshaped": lambda x: x.reshape(3, 2),
    "by columns": lambda x: x.reshape(-1, order="F"),
    "repeated": lambda x: jnp.broadcast_to(x[:, None], (2, 4, 3)),
    "squeezed": lambda x: jnp.squeeze(x[None, :, None]),
    "stopped": jax.lax.stop_gradient,
}


@pytest.mark.parametrize("name", LAID)
def test_numbers_are_followed(name):
    """To where a step reads them that does more."""
    lay = LAID[name]
    equations = Equations.of(jax.make_jaxpr(lambda x: [jnp.sin(lay(x))])(jnp.ones((2, 3))))
    views = Views.of(equations, {equations.given[0]: "x"})
    (step,) = views.readers["x"]
    assert step.name == "sin"
    assert np.array_equal(views.at[step.ins[0]].index, lay(jnp.arange(6).reshape(2, 3)))


def test_what_is_returned_as_it_is_is_not_followed():
    """It shows in the outputs by itself."""
    equations = Equations.of(jax.make_jaxpr(lambda x: [jnp.sin(x), x.T])(jnp.ones((2, 3))))
    assert not Views.of(equations, {equations.given[0]: "x"}).at
