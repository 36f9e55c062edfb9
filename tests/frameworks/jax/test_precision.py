"""In which precision does JAX compute? In float64 within a call that is given float64, else in the user's own."""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax")
jnp = jax.numpy

from models.jaxes.rules import product, with_backward  # noqa: E402

from gradcheck import check_gradients  # noqa: E402
from gradcheck._adapters.jax.precision import EXPLICIT, double, double_where_asked, is_wide, owned, placed  # noqa: E402

X = np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)


def verdicts(report):
    return {name: t.verdict.name for name, t in report.tensors.items()}


def right(*names):
    return dict.fromkeys(names, "CORRECT")


@pytest.mark.parametrize("default", [True, False])
def test_settings_are_as_before_also_after_an_exception(default):
    """Float64 is on within the check alone: as the default, or where it is given, for the random numbers' sake."""

    def f(x):
        if x.dtype == jnp.float64 and jax.config.jax_enable_x64 == default:
            raise KeyboardInterrupt
        return x * jax.random.normal(jax.random.key(0), x.shape)

    if not default and not hasattr(jax.config, EXPLICIT):
        pytest.skip("before JAX 0.8 float64 is there as the default alone")
    before = getattr(jax.config, EXPLICIT, None)  # since JAX 0.8
    with pytest.raises(KeyboardInterrupt):
        check_gradients(f, jnp.array(X))
    assert not jax.config.jax_enable_x64
    assert jnp.zeros(1).dtype == jnp.float32
    assert getattr(jax.config, EXPLICIT, None) == before


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32", "float8_e4m3fn"])
def test_each_dtype_is_measured_in_double(dtype):
    """The report names what was given, and a wrong gradient is found in it."""
    x = jnp.array(X).astype(dtype)

    def wide(x):
        return x.astype(jnp.float32) if x.dtype.itemsize == 1 else x  # eight bits have no arithmetic

    def f(factor):
        def backward(x, u):
            return ((factor * u * wide(x)).astype(x.dtype),)

        return with_backward(lambda x: wide(x) ** 2, lambda x: (wide(x) ** 2, x), backward)

    report = check_gradients(f(2.0), x)
    assert verdicts(report) == right("x")
    assert report.tensors["x"].dtype == dtype
    assert verdicts(check_gradients(f(3.0), x)) == {"x": "WRONG"}


def test_bfloat16_as_it_is_reaches_the_function():
    """It is neither widened on the way in, nor mistaken for rounding errors of float32."""
    seen = set()

    def f(x):
        seen.add(str(x.dtype))
        return jnp.sum(x**2)

    report = check_gradients(f, jnp.array(X).astype(jnp.bfloat16), precision="as-is")
    assert seen == {"bfloat16"}
    assert not report.wrong


def test_float64_that_is_the_users_own_setting_is_kept():
    """Nothing is said of float32 then, and the setting is what it was."""
    jax.config.update("jax_enable_x64", True)
    try:
        report = check_gradients(product(1.0), jnp.array(X, dtype=float), X.astype(float))
        assert jax.config.jax_enable_x64
    finally:
        jax.config.update("jax_enable_x64", False)
    assert verdicts(report) == right("x", "y")
    assert not any("float32" in note for note in report.notes)


def test_a_function_that_takes_float32_alone_is_measured_as_it_is():
    """It raises in float64, which is not its fault."""

    def f(x):
        if x.dtype != jnp.float32:
            raise TypeError
        return jnp.sin(x)

    report = check_gradients(f, jnp.array(X))
    assert verdicts(report) == right("x")
    assert any("measured in float32 as it is" in note for note in report.notes)


def test_float64_anywhere_is_wide():
    """In any of the lists; a number of Python is not, and neither is float32."""
    assert is_wide([X], [X.astype(np.float64)])
    assert not is_wide([X], [2.0, jnp.array(X)])
    assert not is_wide()


def test_float64_is_on_for_a_while_where_it_is_wanted():
    """Also where that ends early; else nothing is changed."""
    with double(False):
        assert jnp.array(2.0).dtype == jnp.float32

    def ends():
        with double(True):
            assert jnp.array(2.0).dtype == jnp.float64
            raise KeyError

    with pytest.raises(KeyError):
        ends()
    assert jnp.array(2.0).dtype == jnp.float32


@pytest.mark.skipif(not hasattr(jax.config, EXPLICIT), reason="JAX has no such setting")
def test_float64_is_let_in_without_being_the_default():
    """So that random numbers are drawn as ever."""
    before = getattr(jax.config, EXPLICIT)
    wide = X.astype(np.float64)
    with double_where_asked():
        assert jnp.zeros(1).dtype == jnp.float32
        assert placed([[wide]])[0][0].dtype == jnp.float64
    assert getattr(jax.config, EXPLICIT) == before
    lists = [[X], [X]]
    assert placed(lists) is lists
    with double(True):
        assert placed([[wide]])[0][0] is wide


def test_no_digit_is_lost_where_float64_is_let_in_alone():
    """As it is for functions that draw random numbers in float32."""
    if not hasattr(jax.config, EXPLICIT):
        pytest.skip("before JAX 0.8 float64 is there as the default alone")
    a = np.full(3, 0.1)
    with double_where_asked():
        for lists in (placed([[a]]), owned([[a]])):
            assert lists[0][0].dtype == np.float64
            assert np.array_equal(np.asarray(lists[0][0]), a)
