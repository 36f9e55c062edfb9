"""Is a program written down equation by equation, its calls opened, and done again as JAX does it?"""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax")

import jax.numpy as jnp  # noqa: E402

from gradcheck._adapters.jax.equations import CannotFollowError, Equations  # noqa: E402
from gradcheck._adapters.jax.precision import double  # noqa: E402

X = np.linspace(-1, 2, 6).reshape(2, 3)


@pytest.fixture(autouse=True)
def _double():
    with double(wanted=True):
        yield


def opened(f, x=X):
    return Equations.of(jax.make_jaxpr(lambda x: [f(x)])(x))


def relu_of_calls(x):
    return jax.checkpoint(jax.jit(lambda x: jax.nn.relu(jnp.sin(x)) + np.arange(3.0)))(x)


def test_calls_are_opened():
    """Compiled, checkpointed, or with a rule of their own; what comes of them is the same."""
    equations = opened(relu_of_calls)
    assert [step.name for step in equations.steps if "sin" in step.name or "max" in step.name] == ["sin", "max"]
    assert not any("jit" in step.name or "custom" in step.name or "remat" in step.name for step in equations.steps)
    (value,) = equations.values(equations.outs, [X])
    assert np.asarray(value) == pytest.approx(np.asarray(relu_of_calls(X)), rel=1e-15)


def test_what_leads_to_nothing_is_left_out():
    """As is what does not hear of a place."""

    def f(x):
        _ = jnp.exp(x)
        return jnp.sin(x) + jnp.cos(jnp.arange(3.0))

    equations = opened(f)
    assert "exp" not in {step.name for step in equations.steps}
    steps, dependent = equations.dependents(equations.given[0])
    assert [step.name for step in steps] == ["sin", "add"]
    assert dependent >= {*equations.outs}


@pytest.mark.parametrize(
    "f",
    [
        lambda x: jnp.sin(x.astype(jnp.float32)).astype(float),
        lambda x: jax.lax.scan(lambda c, r: (c + jnp.sin(r.astype(jnp.float32)).astype(float), None), x[0], x)[0],
        lambda x: jax.pure_callback(np.sin, jax.ShapeDtypeStruct(x.shape, x.dtype), x),
        lambda x: jax.debug.callback(lambda _: None, x) or jnp.sin(x),
    ],
    ids=["single", "single in a loop", "callback", "effect"],
)
def test_what_cannot_be_done_again_as_precisely_is_refused(f):
    """Or what does more than to compute."""

    def followed():
        equations = opened(f)
        return equations.dependents(equations.given[0])

    with pytest.raises(CannotFollowError):
        followed()
