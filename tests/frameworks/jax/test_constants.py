"""The arrays of NumPy that a function sees are of the present precision, in a check and after it."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck._adapters.jax.constants import SeenArrays

X = np.array([0.3, -0.5, 1.2])


def rule(by=1.0, w=None):
    """Return a function that sees an array of float64, with a rule of its own."""
    w = np.array([1.3, -0.7, 0.9]) if w is None else w

    @jax.custom_jvp
    def f(x):
        return w * jnp.tanh(x)

    @f.defjvp
    def _(p, t):
        return f(p[0]), by * w * (1 - jnp.tanh(p[0]) ** 2) * t[0]

    return f


@pytest.mark.parametrize(("by", "verdict"), [(1.01, Verdict.WRONG), (1.0, Verdict.CORRECT)], ids=["wrong", "right"])
def test_one_check_after_another_sees_the_same_array(by, verdict):
    """In forward mode, compiled, and as it stands."""
    w = np.array([1.3, -0.7, 0.9])
    check_gradients(rule(w=w), X, jvp=True)
    assert check_gradients(jax.jit(rule(by, w)), X).verdict is verdict
    assert check_gradients(rule(by, w), X).verdict is verdict


def test_what_the_user_compiles_after_a_check_is_computed_as_ever():
    """In float32, where that is the default."""
    w = np.array([1.3, -0.7, 0.9])
    check_gradients(rule(w=w), X, jvp=True)
    with jax.enable_x64(False):
        after = jax.jit(lambda x: w * jnp.tanh(x))(jnp.asarray(X, jnp.float32))
    assert after.dtype == jnp.float32
    assert np.allclose(after, w * np.tanh(X), rtol=1e-6)


def test_a_compiled_function_with_such_an_array_is_measured_in_double_precision():
    """Not in the precision in which it was traced before."""
    with jax.enable_x64(False):
        report = check_gradients(jax.jit(rule()), jnp.asarray(X, jnp.float32))
    assert "measured in float64, which the function takes; given were float32 (x)" in report.notes


def test_arrays_are_found_wherever_they_are_seen():
    """Those that JAX would narrow, once; others are not asked about."""
    w, n, short = np.ones(3), np.arange(3), np.ones(3, np.float32)
    f = jax.jit(lambda x: w * x + n + short + w)
    assert {id(a) for a in SeenArrays(f).arrays} == {id(w), id(n)}


def test_nothing_is_forgotten_where_all_is_of_one_precision(monkeypatch):
    """What the user has compiled stays so."""
    monkeypatch.setattr(jax, "clear_caches", lambda: pytest.fail("all that was compiled is dropped"))
    w = np.ones(3)
    SeenArrays(lambda x: w * x).forget()
    SeenArrays(lambda x: x).forget()


def test_nothing_of_a_model_is_kept_either():
    """Nor what its loops were counted in, where the cause of a wrong gradient is looked for."""
    nn = pytest.importorskip("flax.linen")
    w = np.array([1.3, -0.7, 0.9])

    class Model(nn.Module):
        rule: object

        @nn.compact
        def __call__(self, x):
            return self.rule(x) @ self.param("k", nn.initializers.normal(), (3, 3))

    for by, verdict in ((1.0, Verdict.CORRECT), (1.01, Verdict.WRONG), (-1.0, Verdict.WRONG)):
        model = Model(rule_of_pullback(by, w))
        variables = model.init(jax.random.key(0), np.ones(3))
        assert check_gradients(model.bind(variables), X).verdict is verdict


def rule_of_pullback(by, w):
    @jax.custom_vjp
    def f(x):
        return w * jnp.tanh(x)

    f.defvjp(lambda x: (f(x), x), lambda x, dy: (by * dy * w * (1 - jnp.tanh(x) ** 2),))
    return f
