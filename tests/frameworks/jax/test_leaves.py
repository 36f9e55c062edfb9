"""Which numbers of a call can be moved, what are they called, and how does JAX get them back?"""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import numpy as np
import pytest

jax = pytest.importorskip("jax")
jnp = jax.numpy

from gradcheck import InputError, check_gradients  # noqa: E402
from gradcheck._adapters.jax.leaves import Arguments, JaxCall, is_coarse, is_float, is_integer, real, static_arguments  # noqa: E402
from gradcheck._adapters.jax.precision import EXPLICIT  # noqa: E402

X = np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)
KEY = 0


def verdicts(report):
    return {name: t.verdict.name for name, t in report.tensors.items()}


def right(*names):
    return dict.fromkeys(names, "CORRECT")


def test_two_names_that_look_alike_are_refused():
    """Each would be taken for the other."""
    p = {"a": {"b": jnp.array(X)}, "a.b": 2 * jnp.array(X)}
    with pytest.raises(InputError, match=r"both called a\.b"):
        check_gradients(lambda p: p["a"]["b"] * p["a.b"], p)


class Pair(NamedTuple):
    w: Any
    b: Any


@dataclasses.dataclass
class Record:
    w: Any
    power: int


@dataclasses.dataclass(frozen=True)
class Opaque:
    rate: float


class Custom:
    def __init__(self, *parts):
        self.parts = parts


# Not in a fixture: a worker that comes back to this file would do it twice.
jax.tree_util.register_dataclass(Record, data_fields=["w"], meta_fields=["power"])
jax.tree_util.register_pytree_node(Custom, lambda c: (c.parts, None), lambda _, parts: Custom(*parts))


def test_pytrees_of_all_kinds_have_the_names_that_users_write():
    """Named tuples, lists, dicts, dataclasses, nodes of one's own, keyword arguments; settings are left alone."""

    def f(pair, layers, record, custom, opaque, word, *, scale, flag):
        y = jnp.tanh(pair.w * pair.b) + layers[0]["w"] * layers[1] + record.w**record.power
        y = y + custom.parts[0] * custom.parts[1] * opaque.rate
        return {"y": y * scale, "n": [y[0], jnp.argmax(y)]} if flag and word == "yes" else None

    x = jnp.array(X)
    args = (Pair(x, 0.5), [{"w": x + 1}, jnp.float32(2.0)], Record(x, 2), Custom(x, 3.0), Opaque(0.1), "yes")
    report = check_gradients(f, *args, scale=2 * X, flag=True)
    names = ("pair.w", "pair.b", "layers[0].w", "layers[1]", "record.w", "custom[0]", "custom[1]", "scale")
    assert verdicts(report) == right(*names)
    assert any("left out of the outputs: n[1]" in note for note in report.notes)
    kinds = {name: report.tensors[name].kind for name in names}
    assert (kinds["pair.w"], kinds["pair.b"], kinds["custom[0]"]) == ("weight", "bias", "parameter")


def test_a_lone_dict_brings_its_own_names():
    """As everywhere, and its arrays are parameters."""
    p = {"enc": {"w": jnp.ones((3, 2)) * 0.3, "b": jnp.zeros(2)}, "x": jnp.array(X)}
    report = check_gradients(lambda p: jnp.tanh(p["x"] @ p["enc"]["w"] + p["enc"]["b"]), p)
    assert verdicts(report) == right("enc.w", "enc.b", "x")
    assert report.tensors["enc.b"].kind == "bias"


ALONE = {
    "a key": (lambda x, key: x * jax.random.normal(key, x.shape), lambda: jax.random.key(KEY)),
    "an old key": (lambda x, key: x * jax.random.normal(key, x.shape), lambda: jax.random.PRNGKey(KEY)),
    "integers": (lambda x, i: x[i] * 2, lambda: jnp.array([1, 1, 0])),
    "integers of NumPy": (lambda x, i: x[i] * 2, lambda: np.array([1, 1, 0])),
    "booleans": (lambda x, m: jnp.where(m, x, x**2), lambda: jnp.array([True, False, True])),
    "a word": (lambda x, how: x**2 if how == "square" else x, lambda: "square"),
    "a function": (lambda x, f: f(x), lambda: jnp.tanh),
    "None": (lambda x, nothing: x if nothing else x**2, lambda: None),
    "nothing in it": (lambda x, none: x**2 + jnp.sum(none), lambda: jnp.zeros((0, 2))),
}


@pytest.mark.parametrize(("f", "other"), ALONE.values(), ids=ALONE)
def test_what_has_no_gradient_is_left_alone(f, other):
    """It is handed to the function as it was given; random numbers stay what they are in float64."""
    report = check_gradients(f, jnp.array(X), other())
    assert verdicts(report) == right("x")
    if "random" in f.__code__.co_names and not hasattr(jax.config, EXPLICIT):
        return  # before JAX 0.8 float64 came with other random numbers only, so f stays in float32
    assert any("measured in float64" in note for note in report.notes)


LEAVES = {
    "an array": (X, True, False, False),
    "of JAX": (jnp.array(X), True, False, False),
    "bfloat16": (jnp.zeros(2, jnp.bfloat16), True, True, False),
    "complex": (1j * X, True, False, False),
    "a number": (2.0, True, False, False),
    "nothing in it": (X[:0], False, False, False),
    "integers": (np.arange(3), False, False, True),
    "a whole number": (3, False, False, False),
    "truth": (jnp.array([True]), False, False, True),
    "a key": (jax.random.key(KEY), False, True, False),
    "a word": ("yes", False, False, False),
}


@pytest.mark.parametrize(("leaf", "moves", "coarse", "counts"), LEAVES.values(), ids=LEAVES)
def test_what_kind_of_leaf(leaf, moves, coarse, counts):
    """Floats that there are can be moved; keys and words are left alone."""
    assert is_float(leaf) is moves
    assert is_integer(leaf) is counts
    if moves:
        assert is_coarse(leaf) is coarse


def test_other_numbers_are_put_in_the_places_of_the_floats():
    """Complex ones of two arrays; what is held goes into float64 with those that are moved."""
    call = JaxCall(max, (jnp.array(X), 1j * X, 3), {"scale": 2.0}, ("x", "z", "n"), held=({"m": X},), held_names=("s",))
    given = Arguments(call)
    assert given.entries == ["x", "z.real", "z.imag", "scale"]
    assert [given.names[at] for at in given.still] == ["s.m"]
    (x, z, n, state), inputs = given.restored([jnp.ones(2), jnp.zeros(2), jnp.ones(2), 5.0])
    assert (x.tolist(), z.tolist(), n, inputs) == ([1, 1], [1j, 1j], 3, {"scale": 5.0})
    assert state["m"] is X
    assert given.taken(given.point())[3] == 2.0


def test_settings_of_a_rule_and_of_a_compiled_function_are_not_moved():
    """By place and by name; a function without them has none."""
    rule = jax.custom_vjp(lambda x, n: x, nondiff_argnums=(1,))
    assert static_arguments(rule) == {1, "n"}
    assert static_arguments(jax.jit(lambda n, x: x, static_argnums=0)) == {0, "n"}
    assert static_arguments(jax.jit(lambda x, *, n: x, static_argnames="n")) == {"n"}
    assert static_arguments(jnp.sin) == frozenset()


def test_outputs_are_real_numbers_that_numpy_knows():
    """Complex ones have a last axis of two."""
    assert real(jnp.array([1 + 2j])).tolist() == [[1, 2]]
    assert real(jnp.ones(2, jnp.bfloat16)).dtype == jnp.float32
    assert real(2.5).dtype == jnp.float32
