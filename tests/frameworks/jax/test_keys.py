"""Keys that a user gives are seeds: a claim that is right on average over others of them is undecided."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck._adapters.jax.keys import Keys, is_key

X = jnp.linspace(0.5, 1.5, 8)
MAKE = [jax.random.key, jax.random.PRNGKey]


def dropout(x, key):
    return jnp.sum(jnp.sin(x) * 2 * jax.random.bernoulli(key, 0.5, x.shape))


@pytest.mark.parametrize("make", MAKE)
@pytest.mark.parametrize(("factor", "verdict"), [(1.0, Verdict.UNDECIDED), (5.0, Verdict.WRONG), (-1.0, Verdict.WRONG)])
def test_the_gradient_of_the_mean_network(make, factor, verdict):
    """It is undecided, what no key explains is wrong."""
    report = check_gradients(dropout, X, make(0), grad=lambda x, _: factor * jnp.cos(x))
    assert report.verdict is verdict
    assert any("the gradient of the expectation?" in note for note in report.notes) is (verdict is Verdict.UNDECIDED)


@pytest.mark.parametrize("make", MAKE)
def test_the_gradient_of_the_mask_is_right(make):
    """And costs no call of another key."""
    report = check_gradients(dropout, X, make(0), grad=jax.grad(dropout))
    assert report.verdict is Verdict.CORRECT
    assert not any("draws" in note for note in report.notes)


def test_a_key_inside_of_the_function_is_no_seed():
    """It is the same for everybody, so the function is a plain one."""
    report = check_gradients(lambda x: dropout(x, jax.random.key(0)), X, grad=jnp.cos)
    assert report.verdict is Verdict.WRONG


def test_a_key_is_the_users_own_at_number_zero():
    """And another one at every other; what is no key stays as it is."""
    key, other = jax.random.key(7), jnp.arange(3)
    keys = Keys((key, other))
    assert keys.now(key) is key
    (source,) = keys.sources
    source.write(source.further(source.read()))
    assert not np.array_equal(jax.random.key_data(keys.now(key)), jax.random.key_data(key))
    assert keys.now(other) is other
    assert Keys((other,)).sources == ()


@pytest.mark.parametrize("leaf", [jnp.arange(2), np.zeros(2), 3, jnp.zeros((2, 2), jnp.uint32)])
def test_what_is_no_key(leaf):
    """Integers of another dtype or shape, floats, numbers."""
    assert not is_key(leaf)


class Layer:
    """Dropout that keeps its key, and splits it at every call."""

    def __init__(self, key, *, splits=True):
        self.key, self.splits = key, splits

    def draw(self):
        if not self.splits:
            return self.key
        self.key, now = jax.random.split(self.key)
        return now

    def value(self, x):
        return dropout(x, self.draw())

    def grad(self, x):
        return jax.grad(dropout)(x, self.draw())


@pytest.mark.parametrize("make", MAKE)
@pytest.mark.parametrize("splits", [True, False])
def test_a_key_that_an_object_keeps(make, splits):
    """It is put back before each call and after the last, and another one is another seed."""
    layer = Layer(make(3), splits=splits)
    before = jax.random.key_data(layer.key)
    assert check_gradients(layer.value, X, grad=layer.grad).verdict is Verdict.CORRECT
    assert check_gradients(layer.value, X, grad=jnp.cos).verdict is Verdict.UNDECIDED
    assert check_gradients(layer.value, X, grad=lambda x: -jnp.cos(x)).verdict is Verdict.WRONG
    assert np.array_equal(jax.random.key_data(layer.key), before)


def test_a_key_in_a_closure_that_is_split():
    """As well as one in a dict; a note says that it was put back."""
    key, held = jax.random.key(5), {"key": jax.random.key(6)}

    def from_closure(x):
        nonlocal key
        key, now = jax.random.split(key)
        return dropout(x, now)

    def from_dict(x):
        held["key"], now = jax.random.split(held["key"])
        return dropout(x, now)

    for f in (from_closure, from_dict):
        report = check_gradients(f, X, grad=jnp.cos)
        assert report.verdict is Verdict.UNDECIDED
        assert any("draws from a key of JAX" in note for note in report.notes)


def test_a_key_in_a_closure_that_stays_is_a_constant():
    """No call splits it, so it is no seed."""
    key = jax.random.key(5)
    assert check_gradients(lambda x: dropout(x, key), X, grad=jnp.cos).verdict is Verdict.WRONG


def ruled(backward):
    """Return the dropout with a rule of its own, which is given the key and the input."""
    rule = jax.custom_vjp(dropout)
    rule.defvjp(lambda x, key: (dropout(x, key), (x, key)), lambda kept, g: (g * backward(*kept), None))
    return rule


@pytest.mark.parametrize("make", MAKE)
@pytest.mark.parametrize(
    ("backward", "verdict"),
    [
        (lambda x, key: 2 * jnp.cos(x) * jax.random.bernoulli(key, 0.5, x.shape), Verdict.CORRECT),
        (lambda x, _: jnp.cos(x), Verdict.UNDECIDED),
        (lambda x, key: 3 * jnp.cos(x) * jax.random.bernoulli(key, 0.5, x.shape), Verdict.WRONG),
    ],
)
def test_a_rule_of_a_function_with_a_key_is_asked_for_other_keys(make, backward, verdict):
    """What was compiled holds for one key alone, and is not used for others."""
    report = check_gradients(ruled(backward), X, make(0))
    assert report.verdict is verdict
    assert any("the gradient of the expectation?" in note for note in report.notes) is (verdict is Verdict.UNDECIDED)
