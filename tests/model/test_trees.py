"""A tree has the names that a user would write, and is put together again as what it was."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from types import MappingProxyType, SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcheck import InputError, Verdict, check_gradients
from gradcheck._model.trees import children, join, leaves, maker, rebuild

A, B, C = np.array([1.0, 2.0]), np.array([3.0]), np.array([[4.0]])


class Pair(NamedTuple):
    left: object
    right: object


@dataclass(frozen=True)
class Layer:
    W: object
    rate: float = 0.5  # a setting: plain numbers of a dataclass are no leaves
    name: str = "layer"
    mask: object = field(default=None, metadata={"constant": True})


class Sub(dict):
    """A dict of the user's own, which his function may ask for more than a dict has."""

    def total(self):
        return sum(float(np.sum(v)) for v in self.values())


def names(tree):
    return [path for path, _ in leaves(tree)]


def test_a_wrong_gradient_is_named_by_its_path():
    """In a nest of dicts and lists the wrong entry has the name that the user would write."""
    point = {"enc": [{"W": A}, {"W": B}], "dec": (C,)}

    def f(p):
        return float(np.sum(p["enc"][0]["W"] ** 2) + np.sum(p["enc"][1]["W"] ** 2) + np.sum(p["dec"][0] ** 2))

    def df(p):
        return {"enc": [{"W": 2 * p["enc"][0]["W"]}, {"W": 3 * p["enc"][1]["W"]}], "dec": (2 * p["dec"][0],)}

    report = check_gradients(f, point, grad=df)
    assert [e.name for e in report.wrong] == ["enc[1].W[0]"]
    assert {name: t.verdict for name, t in report.tensors.items() if not t.wrong} == {
        "enc[0].W": Verdict.CORRECT,
        "dec[0]": Verdict.CORRECT,
    }


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (A, [""]),
        ({"W1": A, "b1": B}, ["W1", "b1"]),
        ([A, B], ["[0]", "[1]"]),
        ((A, (B,)), ["[0]", "[1][0]"]),
        (Pair(A, [B]), ["left", "right[0]"]),
        (Layer(A, mask=B), ["W"]),
        (Layer({"enc": [A, B]}), ["W.enc[0]", "W.enc[1]"]),
        ({"layers": [Layer(A), Layer(B)]}, ["layers[0].W", "layers[1].W"]),
        ({0: A, (1, 2): B}, ["[0]", "[(1, 2)]"]),
        ({"": Layer(A), "x": B}, ["W", "x"]),
        ({"a": 3, "b": None, "c": "text"}, ["a", "b", "c"]),
        ({}, []),
        ([], []),
    ],
)
def test_paths_are_what_the_user_would_write(tree, expected):
    """Dots for names, brackets for numbers, no dot in front; constants and settings are no leaves."""
    assert names(tree) == expected


def test_a_class_is_a_leaf():
    """A dataclass is a container only when it is an instance."""
    assert children(Layer) is None
    assert children(Layer(A)) is not None


@pytest.mark.parametrize(
    ("path", "step", "expected"), [("", ".W", "W"), ("", "[0]", "[0]"), ("a", ".W", "a.W"), ("a", "[0]", "a[0]")]
)
def test_a_step_is_joined_to_a_path(path, step, expected):
    """No dot at the beginning."""
    assert join(path, step) == expected


trees = st.recursive(
    st.floats(allow_nan=False) | st.none() | st.just("text"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text("abc", min_size=1, max_size=2), inner, max_size=3)
        | st.builds(Pair, inner, inner)
    ),
    max_leaves=8,
)


@given(trees)
def test_a_tree_is_put_together_as_it_was(tree):
    """With every leaf as it was the tree is equal, of the same types; every leaf is met once, in order."""
    met = []
    twin = rebuild(tree, lambda path, old: met.append((path, old)) or old)
    assert twin == tree
    assert type(twin) is type(tree)
    assert met == list(leaves(tree))


@given(trees)
def test_other_leaves_take_the_places_of_the_old(tree):
    """And the old tree is not changed."""
    before = repr(tree)
    twin = rebuild(tree, lambda path, _: path)
    assert [leaf for _, leaf in leaves(twin)] == names(tree) == names(twin)
    assert repr(tree) == before


def test_a_named_tuple_that_holds_more_is_made_by_its_class():
    """What its class computes of its parts is computed of the new ones; else it has its parts alone."""

    class Totalled(Pair):
        def __new__(cls, *parts):
            made = super().__new__(cls, *parts)
            made.total = sum(map(np.sum, parts))
            return made

    class Strange(Pair):
        def __new__(cls):
            made = super().__new__(cls, A, B)
            made.total = 0.0
            return made

    assert rebuild(Totalled(A, B), lambda _, x: 2 * x).total == 2 * sum([*A, *B])
    assert type(rebuild(Strange(), lambda _, x: 2 * x)) is Strange


def test_a_dataclass_is_copied():
    """The twin has the new arrays, and the settings and constants of the old; the old keeps its own."""
    old = Layer(A, rate=0.25, mask=B)
    twin = rebuild(old, lambda *_: C)
    assert type(twin) is Layer
    assert twin.W is C
    assert (twin.rate, twin.mask) == (0.25, B)
    assert old.W is A


@pytest.mark.parametrize("mapping", [Sub(a=A, b=B), OrderedDict(b=B, a=A)], ids=["a class of the user's", "ordered"])
def test_a_mapping_stays_of_its_kind(mapping):
    """With its type and its order; the old one keeps its arrays."""
    twin = rebuild(mapping, lambda _, old: old + 1)
    assert type(twin) is type(mapping)
    assert list(twin) == list(mapping)
    assert np.array_equal(twin["a"], A + 1)
    assert mapping["a"] is A


def test_a_read_only_mapping_becomes_a_dict():
    """There is no other way to put new arrays into it."""
    twin = rebuild(MappingProxyType({"a": A}), lambda _, old: old + 1)
    assert np.array_equal(twin["a"], A + 1)


def test_the_users_function_gets_the_users_types():
    """A function that asks a method of its own dict, or the fields of its named tuple, finds them."""
    report = check_gradients(
        lambda p: p.total(), Sub(a=A, b=B), grad=lambda p: {k: np.ones_like(v) for k, v in p.items()}
    )
    assert report.verdict is Verdict.CORRECT
    report = check_gradients(
        lambda p: float(p.left @ p.left + p.right.sum()),
        Pair(A, B),
        grad=lambda p: Pair(2 * p.left, np.ones(1)),
    )
    assert report.verdict is Verdict.CORRECT


class Dataset(dict):
    """As that of xarray: it minds what it is given."""

    def update(self, *_):
        msg = "these do not fit"
        raise ValueError(msg)


def test_a_mapping_that_cannot_be_made_again_is_refused():
    """With its kind, its own words, and what to write instead; nothing of it is changed."""
    dataset = Dataset(a=np.ones(3))
    with pytest.raises(InputError, match=r"a Dataset cannot be rebuilt .*ValueError: these do not fit.* in a dict"):
        check_gradients(lambda x, d: float(x @ d["a"]), np.ones(3), dataset, grad=lambda x, d: (d["a"], {"a": x}))
    assert list(dataset) == ["a"]


def test_namespaces_and_objects_of_attrs_are_records():
    """Their parts are named like fields, and they are put together again with others."""
    space = SimpleNamespace(W=np.ones(2), inner=SimpleNamespace(b=np.zeros(1)), k=3.0)
    assert [path for path, _ in leaves(space)] == ["W", "inner.b"]
    assert [path for path, _ in leaves(space, numbers=True)] == ["W", "inner.b", "k"]
    twin = rebuild(space, lambda _, value: value + 1)
    np.testing.assert_array_equal(twin.inner.b, [1.0])
    assert (twin.k, space.inner.b[0]) == (3.0, 0.0)
    attrs = pytest.importorskip("attrs")
    Frozen = attrs.make_class("Frozen", ["W", "name"], frozen=True, slots=True)
    made = rebuild(Frozen(np.ones(2), "a"), lambda _, value: value * 2)
    np.testing.assert_array_equal(made.W, [2.0, 2.0])
    assert made.name == "a"


def test_a_tree_is_put_together_around_what_there_is_by_then():
    """In containers of its own each time, and as `rebuild` does it, a class of the user's included."""
    x, y = np.ones(2), np.ones(3)
    tree = {"a": [x, (y, 3)], "b": Pair(x, "text"), "c": {"d": x}}
    now = {id(x): "x", id(y): "y"}
    make = maker(tree, lambda old: lambda: now.get(id(old), old))
    assert make() == {"a": ["x", ("y", 3)], "b": Pair("x", "text"), "c": {"d": "x"}}
    now[id(x)] = "another"
    one, other = make(), make()
    assert one == other == rebuild(tree, lambda _, old: now.get(id(old), old))
    assert one["a"] is not other["a"]
    assert one["c"] is not other["c"]
    assert maker(x, lambda _: lambda: 7)() == 7
