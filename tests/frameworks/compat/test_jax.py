"""The door for suites that call `jax.test_util.check_grads`: the same arguments and exceptions, judged by ours."""

from __future__ import annotations

import functools
import inspect

import numpy as np
import pytest

from gradcheck import GradientError, InputError, UndecidedWarning, Verdict

jax = pytest.importorskip("jax")
jnp = jax.numpy
from jax import test_util  # noqa: E402

from gradcheck.compat.jax import check_grads, check_jvp, check_vjp  # noqa: E402


def with_vjp(slope):
    """Return x³ with a backward that says slope(x)."""

    @jax.custom_vjp
    def cube(x):
        return x**3

    cube.defvjp(lambda x: (x**3, x), lambda x, g: (g * slope(x),))
    return cube


def with_jvp(slope):
    """Return x³ with a derivative, in both modes, that is slope(x)."""

    @jax.custom_jvp
    def cube(x):
        return x**3

    cube.defjvp(lambda primals, tangents: (primals[0] ** 3, slope(*primals) * tangents[0]))
    return cube


def right(x):
    return 3 * x**2


def slightly(x):
    return 3.003 * x**2


def once(x):
    """Right, and without a derivative of its own."""
    return 3 * jax.lax.stop_gradient(x) ** 2


@pytest.fixture
def x():
    return jnp.array([0.5, -1.25, 2.0])


def test_a_wrong_vjp_is_found(x):
    """The error is an AssertionError that names the entry, and carries the report."""
    with pytest.raises(AssertionError, match=r"x\[\d\]  claimed") as caught:
        check_grads(with_vjp(slightly), (x,), 1, modes=("rev",))
    assert caught.value.report.verdict is Verdict.WRONG


def test_a_wrong_jvp_is_found(x):
    """By forward mode alone, by linearisation, and by reverse mode, which is made of it."""
    for mode in ("fwd", "rev", "lin"):
        with pytest.raises(GradientError, match=r"x\[\d\]  claimed"):
            check_grads(with_jvp(slightly), (x,), 1, modes=(mode,))


def test_right_derivatives_pass(x):
    """In all modes and orders; a list or a tuple of arguments, which may be trees."""
    check_grads(with_vjp(right), (x,), 2, modes=("rev",))
    check_grads(with_jvp(right), [x], 1, modes=("fwd", "rev", "lin"))
    check_grads(jnp.tanh, (x,), 2, ["lin"])
    check_grads(lambda a, b: {"y": a * b["c"][0]}, (x, {"c": [x + 1]}), 2)
    check_grads(jnp.sin, (jnp.array([1 + 2j]),), 2)


def test_what_has_no_derivative(x):
    """A kink passes, and so does a jump, with a warning that points at the caller."""
    check_grads(jax.nn.relu, (jnp.array([0.0, 1.0]),), 1)
    with pytest.warns(UndecidedWarning, match="at 1 the function is not continuous") as caught:
        check_grads(jnp.floor, (jnp.array([1.0, 2.5]),), 1, modes=("rev",))
    assert caught[0].filename == __file__


@pytest.mark.parametrize("name", ["check_grads", "check_jvp", "check_vjp"])
def test_arguments_are_those_of_jax(name):
    """Names, order and kinds; all defaults but that of the step, which the measurement replaces."""

    def parameters(f):
        return [(n, p.kind, n == "eps" or p.default) for n, p in inspect.signature(f).parameters.items()]

    door = {"check_grads": check_grads, "check_jvp": check_jvp, "check_vjp": check_vjp}[name]
    assert parameters(door) == parameters(getattr(test_util, name))


@pytest.mark.parametrize("mode", ["rev", "fwd"])
def test_second_derivatives(x, mode):
    """Those of a derivative that forgets that it depends on x are found at the second order."""
    check_grads(with_jvp(once), (x,), 1, modes=(mode,))
    with pytest.raises(GradientError, match="claimed 0"):
        check_grads(with_jvp(once), (x,), 2, modes=(mode,))


def test_third_derivatives(x):
    """Wrong at the third order alone."""
    f = with_jvp(lambda x: 3 * with_jvp_of_square(x))
    check_grads(f, (x,), 2, modes=("fwd",))
    with pytest.raises(GradientError, match=r"x0\[\d\]  claimed"):
        check_grads(f, (x,), 3, modes=("fwd",))


@jax.custom_jvp
def with_jvp_of_square(x):
    return x**2


with_jvp_of_square.defjvp(
    lambda primals, tangents: (primals[0] ** 2, 2 * jax.lax.stop_gradient(primals[0]) * tangents[0])
)


def test_tolerances_widen(x):
    """An error of a thousandth passes one of two thousandths, as a number or for the dtype."""
    wrong = with_jvp(slightly)
    check_grads(wrong, (x,), 1, rtol=2e-3)
    check_grads(wrong, (x,), 1, rtol={np.float64: 2e-3})
    check_grads(wrong, (x,), 1, atol=0.02)
    for tolerance in ({"rtol": 5e-4}, {"atol": 1e-3}, {"rtol": {np.float32: 2e-3}}):
        with pytest.raises(GradientError):
            check_grads(wrong, (x,), 1, **tolerance)


def test_tolerances_are_for_each_mode(x):
    """Forward mode is right here, and its transpose is not."""

    def scaled(x):
        three = jnp.full(3, 3.0)
        return jax.custom_derivatives.linear_call(lambda r, x: r * x, lambda r, u: 1.001 * r * u, three, x)

    check_grads(scaled, (x,), 1, modes=("fwd",))
    check_grads(scaled, (x,), 1, rtol=2e-3)
    with pytest.raises(GradientError, match=r"x\[\d\]  claimed"):
        check_grads(scaled, (x,), 1)


def test_tolerances_of_higher_orders(x):
    """They go through to the second order as well."""

    def half(x):
        return 1.5 * (x**2 + jax.lax.stop_gradient(x) ** 2)

    check_grads(with_jvp(half), (x,), 2, modes=("fwd",), atol=20)
    with pytest.raises(GradientError):
        check_grads(with_jvp(half), (x,), 2, modes=("fwd",))


def test_the_step_does_not_matter(x):
    """One for which JAX accuses a right gradient."""
    with pytest.raises(AssertionError):
        test_util.check_grads(with_jvp(right), (x,), 1, eps=0.5)
    check_grads(with_jvp(right), (x,), 1, eps=0.5)


def test_one_wrong_entry_is_found_that_jax_misses():
    """One weight of a thousand, which a single random direction hides."""
    x = jnp.linspace(0.5, 1.5, 1000)
    wrong = with_vjp(lambda x: 3 * x**2 * jnp.where(jnp.arange(1000) == 7, 1.001, 1))
    test_util.check_grads(wrong, (x,), 1, modes=("rev",))
    with pytest.raises(GradientError, match=r"x\[7\]"):
        check_grads(wrong, (x,), 1, modes=("rev",))


def test_jvp_of_ones_own(x):
    """What `check_jvp` is given is what is checked: derivative and value."""
    check_jvp(jnp.sin, functools.partial(jax.jvp, jnp.sin), (x,))
    with pytest.raises(GradientError, match=r"sine\nx\[\d\]  claimed"):
        check_jvp(jnp.sin, lambda p, t: (jnp.sin(*p), 1.01 * jnp.cos(*p) * t[0]), (x,), err_msg="sine")
    check_jvp(jnp.sin, lambda p, t: (jnp.sin(*p), 1.01 * jnp.cos(*p) * t[0]), (x,), rtol=0.02)
    with pytest.raises(GradientError, match="the value that comes with"):
        check_jvp(jnp.sin, lambda p, t: (jnp.sin(*p) + 0.1, jnp.cos(*p) * t[0]), (x,))


def test_vjp_of_ones_own(x):
    """What `check_vjp` is given is what is checked: derivative and value."""
    check_vjp(jnp.sin, functools.partial(jax.vjp, jnp.sin), (x,))
    with pytest.raises(GradientError, match=r"sine\nx\[\d\]  claimed"):
        check_vjp(jnp.sin, lambda x: (jnp.sin(x), lambda g: (1.01 * jnp.cos(x) * g,)), (x,), err_msg="sine")
    check_vjp(jnp.sin, lambda x: (jnp.sin(x), lambda g: (1.01 * jnp.cos(x) * g,)), (x,), atol=0.1)
    with pytest.raises(GradientError, match="the value that comes with"):
        check_vjp(jnp.sin, lambda x: (jnp.sin(x) + 0.1, lambda g: (jnp.cos(x) * g,)), (x,))


def test_exceptions_come_through(x):
    """Those of the function and of JAX, as they are."""
    with pytest.raises(KeyError, match="here"):
        check_grads(lambda x: {}["here"], (x,), 1)
    with pytest.raises(TypeError, match="forward-mode"):
        check_grads(with_vjp(right), (x,), 1)


def test_unknown_modes(x):
    """Named, with those that there are."""
    with pytest.raises(InputError, match=r"modes=\('forward',\): write any of 'fwd', 'rev', 'lin'"):
        check_grads(jnp.sin, (x,), 1, modes=("forward",))


@pytest.mark.parametrize(
    "f",
    [jnp.tanh, jnp.sum, lambda x: (x**2, x[0]), jnp.linalg.norm, jax.nn.softmax],
    ids=["tanh", "sum", "two outputs", "norm", "softmax"],
)
def test_the_two_agree(x, f):
    """Both pass it."""
    test_util.check_grads(f, (x,), 1)
    check_grads(f, (x,), 1)
