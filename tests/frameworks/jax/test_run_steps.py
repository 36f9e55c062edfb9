"""Are the steps of a function of JAX told, with their places, so that a mistake in a rule is named where it stands?"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck._adapters.jax import run_steps
from gradcheck._adapters.jax.equations import CannotFollowError
from gradcheck._adapters.jax.functions import oracle
from gradcheck._diagnose.steps.run_record import RunRecord, listened
from gradcheck._diagnose.steps.source_text import argument_text, operand_text
from gradcheck._diagnose.steps.way_through import WayThrough
from gradcheck._options import Options

RNG = np.random.default_rng(0)
X, W = RNG.normal(size=(4, 6)), RNG.normal(size=(6, 6))
SCALE = 2.5


def recorded(f, *arrays):
    """Return the record of f(x, ...), and the cotangent that its check draws."""
    made = oracle(f, tuple(map(jnp.asarray, arrays)), Options())
    record = RunRecord()
    point = {name: record.taken(name, array) for name, array in zip(made.point, arrays, strict=True)}
    y = listened(made.steps, point, record)
    assert record.returned(y, made.outputs.values())
    return record, made.cotangent


def stepwise(x, w):
    h = jnp.zeros(6)
    for row in x:
        h = jnp.tanh(row + w @ h)
    return h


FUNCTIONS = {
    "product": lambda x, w: x @ w + w[0],
    "normalised": lambda x, w: (x - x.mean(1, keepdims=True)) / jnp.sqrt(x.var(1, keepdims=True) + 1e-3) @ w.T,
    "softmax": lambda x, w: jax.nn.softmax(x / 2, -1) @ w,
    "einsum": lambda x, w: jnp.einsum("bi,ij,bj->b", x, w, x),
    "put together": lambda x, w: jnp.cumsum(jnp.concatenate([x, 1 - x @ w], 1).reshape(2, -1), 0),
    "by entry": lambda x, w: jnp.clip(jnp.where(x > 0, x, 0.1 * x), -1, 1) ** 3 @ w,
    "taken out": lambda x, w: (x[jnp.array([0, 0, 3])] @ w).max(1),
    "a loop within": lambda x, w: jax.lax.fori_loop(0, 3, lambda _, h: jnp.tanh(x @ w + h), x),
    "in a loop": stepwise,
}


@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
def test_the_record_makes_the_gradient_of_jax(f):
    """Of products, of what is rearranged, put together, done along an axis, and in loops."""
    record, u = recorded(f, X, W)
    with jax.enable_x64(True):
        y, back = jax.vjp(f, jnp.asarray(X), jnp.asarray(W))
        right = back(jnp.reshape(jnp.asarray(u), y.shape))
    found = WayThrough(record, np.ravel(u)).gradients({})
    for name, gradient in zip(("x", "w"), right, strict=True):
        np.testing.assert_allclose(found[name], gradient, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize(
    ("f", "operand", "number", "shifted"),
    [
        (lambda x: 2 * x, "x", "2", 7 * X),
        (lambda x: SCALE * x, "x", "SCALE", 7 * X),
        (lambda x: x + SCALE, "x", "SCALE", X + 7),
        (lambda x: 1 - x, "x", "1", 7 - X),
        (lambda x: x**3, "x", "3", X**7),
    ],
    ids=["first", "by a name", "second", "taken from", "an exponent"],
)
def test_a_number_is_told_from_what_stands_beside_it(f, operand, number, shifted):
    """Another one can be put in its place."""
    step = next(step for step in recorded(f, X)[0].steps if step.numbers)
    ((place, _),) = step.numbers.items()
    assert (operand_text(step, 0), argument_text(step, place)) == (operand, number)
    np.testing.assert_allclose(step.otherwise(place, 7.0)([X]), shifted, rtol=1e-12)


def test_what_is_not_of_doubles_is_not_told():
    """Its steps are no better known than single precision has them."""
    with pytest.raises(CannotFollowError):
        recorded(lambda x: jnp.sin(x.astype(jnp.float32)), X)


def test_a_program_of_many_kinds_of_steps_is_not_told(monkeypatch):
    """Each would be compiled by itself."""
    monkeypatch.setattr(run_steps, "PROGRAMS", 2)
    recorded(lambda x: jnp.sin(jnp.sin(jnp.tanh(x))), X)
    with pytest.raises(CannotFollowError, match="compiled"):
        recorded(lambda x: jnp.sin(jnp.cos(jnp.tanh(x))), X)


def ruled(f, rule):
    """Return f with a rule for its pullback: rule(g, *args)."""
    made = jax.custom_vjp(f)
    made.defvjp(lambda *args: (f(*args), args), lambda args, g: rule(g, *args))
    return made


def rms(x):
    return x * jax.lax.rsqrt(jnp.mean(x**2, -1, keepdims=True) + 1e-2)


def of_rms(eps):
    def rule(g, x):
        s = jax.lax.rsqrt(jnp.mean(x**2, -1, keepdims=True) + eps)
        return (g * s - x * s**3 * jnp.mean(g * x, -1, keepdims=True),)

    return rule


def of_steps(transposed):
    def rule(g, x, w):
        states = [jnp.zeros(6)]
        for row in x:
            states.append(jnp.tanh(row + w @ states[-1]))
        rows, dw = [], 0
        for before, after in zip(states[-2::-1], states[:0:-1], strict=True):
            d = g * (1 - after**2)
            rows.insert(0, d)
            dw = dw + jnp.outer(d, before)
            g = (w.T if transposed else w) @ d
        return jnp.stack(rows), dw

    return rule


@pytest.mark.parametrize(
    ("f", "right", "wrong", "words"),
    [
        (rms, of_rms(1e-2), of_rms(0.0), "x: it would be right without 0.01, in jnp.mean(x**2, -1, keepdims=True) + "),
        (rms, of_rms(1e-2), of_rms(3e-2), "x: it would be right with 0.03 in the place of 0.01, in jnp.mean(x**2"),
        (stepwise, of_steps(True), of_steps(False), "every tensor: w where its transpose is meant, in w @ h (line "),
    ],
    ids=["an epsilon forgotten", "another epsilon", "a weight not transposed"],
)
def test_the_step_of_a_function_is_named(f, right, wrong, words):
    """With its line."""
    args = [jnp.asarray(array) for array in (X, W)[: 1 if f is rms else 2]]
    assert check_gradients(ruled(f, right), *args).verdict is Verdict.CORRECT
    report = check_gradients(ruled(f, wrong), *args)
    assert report.verdict is Verdict.WRONG
    assert words in report.diagnosis[0]


def test_a_layer_of_units_at_zero_is_not_accused():
    """JAX's own gradient by an input of zeros, which is none that the function has nearby."""
    for seed in (0, 2):
        W, V = jax.random.normal(jax.random.key(seed), (3, 12)), jax.random.normal(jax.random.key(seed + 1), (12, 2))
        report = check_gradients(lambda x, W=W, V=V: jax.nn.relu(x @ W) @ V, jnp.zeros((1, 3)))
        assert report.verdict is Verdict.KINK


def test_a_step_that_might_not_end_is_not_taken_with_other_numbers():
    """Newton's iteration for a root: with another number in its test alone it goes round for ever."""

    @jax.custom_jvp
    def root(a):
        return jax.lax.while_loop(lambda t: jnp.abs(t * t - a) > 1e-5 * a, lambda t: (t + a / t) / 2, a)

    root.defjvp(lambda a, da: (root(*a), da[0] / root(*a)))
    with pytest.raises(CannotFollowError, match="might not come to an end"):
        recorded(root, 2.5)
    report = check_gradients(root, jnp.float32(2.5))
    assert report.verdict is Verdict.WRONG
    assert "exactly twice" in report.diagnosis[0]
