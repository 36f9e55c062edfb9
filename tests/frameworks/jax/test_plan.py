"""Is a product shifted only where that is no dearer than to move every entry?"""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax")

import jax.numpy as jnp  # noqa: E402

from gradcheck._adapters.jax.equations import Equations  # noqa: E402
from gradcheck._adapters.jax.plan import Planner  # noqa: E402
from gradcheck._adapters.jax.precision import double  # noqa: E402
from gradcheck._adapters.jax.uses import uses  # noqa: E402
from gradcheck._adapters.jax.views import Views  # noqa: E402


@pytest.mark.parametrize(("inward", "worth"), [(5, False), (200, True)])
def test_a_weight_of_few_entries_is_not_worth_it(inward, worth):
    """To compile what comes after it takes longer."""
    with double(wanted=True):
        f = lambda x, W: [jnp.sum(jnp.sin(x @ W))]  # noqa: E731
        equations = Equations.of(jax.make_jaxpr(f)(np.ones((4, inward)), np.ones((inward, 8))))
    slots = dict(zip("xW", equations.given, strict=True))
    planner = Planner(equations, [np.ones(())], slots)
    found = uses(equations, Views.of(equations, {slots["W"]: "W"}), "x".__contains__)
    assert bool(planner.weights(found)) is worth
    assert (planner.of_input("x") is not None) is worth
