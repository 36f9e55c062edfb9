"""Containers are made anew at every call, arrays are those that are moved, and what is done to them is seen."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pytest

from gradcheck import Oracle, check_gradients
from gradcheck._model import leaf
from gradcheck._model.handed import Handed
from gradcheck._model.point import opened

X = np.array([1.0, 2.0, 3.0])


def handed(point, **how):
    leaves = opened(Oracle(point, None, None), promote=False).leaves
    return Handed(point, leaves, **how), leaves


class Pair(NamedTuple):
    a: object
    b: object


class Own(Mapping):
    """A mapping that keeps what it has where only it knows."""

    def __init__(self, content):
        self.content = dict(content)

    def __getitem__(self, key):
        return self.content[key]

    def __iter__(self):
        return iter(self.content)

    def __len__(self):
        return len(self.content)

    def update(self, other):
        self.content.update(other)


@dataclass
class Record:
    w: object
    name: str = "r"


@dataclass(frozen=True)
class Frozen:
    w: object

    @cached_property
    def square(self):
        return float(self.w @ self.w)


@dataclass(frozen=True)
class Fixed:
    w: object


POINTS = {
    "a dict": {"a": X},
    "a list": [X, 1.5],
    "dicts in a list": [{"a": X}],
    "a list in a tuple": ([X],),
    "an OrderedDict": OrderedDict(a=X),
    "a record": Record(X),
    "a record of records": Record(Record(X)),
    "a frozen record that keeps a property": Frozen(X),
    "a mapping of the user's": Own({"a": X}),
}


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS)
def test_containers_are_new_at_every_call(point):
    """Of the same class, and with the arrays that are moved."""
    made, leaves = handed(point)
    one, other = made.tree(), made.tree()
    assert one is not other
    assert type(one) is type(point)
    (array,) = (leaf.array for leaf in leaves.values() if not leaf.scalar)
    array[0] = 99
    again, _ = handed(one)
    assert any(leaf.array.flat[0] == 99 for leaf in again._leaves.values())
    assert X[0] == 1


@pytest.mark.parametrize(
    "point", [X, (X,), Pair(X, X), Fixed(X), {"": X}[""]], ids=["array", "tuple", "pair", "frozen", "x"]
)
def test_what_cannot_be_changed_is_handed_out_again(point):
    """So a flat array costs nothing."""
    made, _ = handed(point)
    assert made.tree() is made.tree()


def test_a_point_that_is_ours_is_shared():
    """Nobody but an adapter sees it."""
    made, _ = handed({"a": X}, shared=True)
    assert made.tree() is made.tree() is made.copied()


def test_a_read_only_mapping_stays_one():
    """The user's function may ask for nothing else."""
    made, _ = handed(MappingProxyType({"a": X}))
    assert type(made.tree()) is MappingProxyType


def test_a_kept_property_is_forgotten():
    """It was of other numbers."""
    frozen = Frozen(X)
    assert frozen.square == 14
    made, leaves = handed(frozen)
    leaves["w"].array[:] = 1
    assert made.tree().square == 3


def test_what_reshapes_an_array_is_seen_and_harms_nobody():
    """Once, with copies."""
    made, leaves = handed({"a": X, "b": X})
    tree = made.copied()
    tree["b"].shape = (3, 1)
    assert made.reshaped() == {"b": "shape"}
    assert leaves["b"].array.shape == (3,)
    tree = made.copied()
    tree["a"].flags.writeable = False
    tree["b"][:] = 7
    assert made.reshaped() == {"a": "flags"}
    assert leaves["b"].array.tolist() == [7, 7, 7]  # where it will be seen


def test_what_is_written_to_the_like_of_a_leaf_is_seen():
    """Each call gets another, and that of the last one is looked at."""
    made, _ = handed({"m": np.ma.masked_array(X)})
    made.tree()
    assert made.rewritten() == []
    made.tree()["m"][0] = 99
    assert made.rewritten() == ["m"]
    assert made.rewritten() == []


def test_a_function_is_given_no_more_of_its_own_containers_than_it_needs():
    """The arrays are the same at all calls but the first, at two places."""
    seen = []
    check_gradients(
        lambda p: seen.append(id(p["a"])) or float(p["a"] @ p["a"]), {"a": X}, grad=lambda p: {"a": 2 * p["a"]}
    )
    always = seen[-1]
    assert seen.index(always) == 2
    assert set(seen[2:]) == {always}


def test_it_is_seen_whether_an_array_is_held_on_to():
    """Itself, a view of it, or what it stands in; no longer once it is let go."""
    point = {"a": X.copy(), "b": [X.copy(), 3.0]}
    made, _ = handed(point)
    for keep in (lambda p: p["a"], lambda p: p["a"][1:], lambda p: p["b"], lambda p: p):
        kept = keep(made.copied())
        assert made.kept
        del kept
    made.copied()["a"][0] = 7.0
    assert not made.kept


@pytest.mark.parametrize(("factor", "verdict"), [(1.01, "WRONG"), (1.0, "CORRECT")])
def test_a_gradient_that_takes_up_what_its_function_kept_is_called_after_it(factor, verdict):
    """As it is in use: what the function left is what the gradient takes up."""

    class Layer:
        def forward(self, x):
            self.x = x
            return np.sin(x)

        def backward(self, x, u):
            return factor * np.cos(self.x) * u

    layer = Layer()
    report = check_gradients(layer.forward, X, vjp=layer.backward)
    assert (str(report.verdict), report.problems) == (verdict, ())


class Keeper:
    """A function that computes nothing anew where it is asked for the point that it keeps, or a view of it."""

    def __init__(self, part, factor=1.0):
        self.part, self.factor, self.last = part, factor, None

    def value(self, x):
        if self.last is None or not np.array_equal(self.last, self.part(x)):
            self.last, self.sines = self.part(x), np.sin(x)
        return float(self.sines.sum())

    def grad(self, x):
        self.value(x)
        return self.factor * np.cos(x)


PARTS = {"itself": lambda x: x, "in another shape": lambda x: x.reshape(5, 6), "turned": lambda x: x[::-1]}


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
@pytest.mark.parametrize(("factor", "verdict"), [(1.0, "CORRECT"), (1.01, "WRONG")])
def test_what_keeps_a_vast_array_has_it_for_itself(part, factor, verdict, monkeypatch):
    """It is handed a view, which would move with the next call, until it is seen to keep that."""
    monkeypatch.setattr(leaf, "VAST", 20)
    keeper = Keeper(part, factor)
    x = np.linspace(0.3, 1.3, 30)
    assert check_gradients(keeper.value, x, grad=keeper.grad).verdict.name == verdict


SPOILT = {"shape": lambda x: setattr(x, "shape", (3, 10)), "flags": lambda x: x.setflags(write=False)}


@pytest.mark.parametrize(("lost", "spoil"), SPOILT.items(), ids=SPOILT)
def test_what_is_done_to_the_shape_of_a_vast_array_harms_nobody(lost, spoil, monkeypatch):
    """And is told of."""
    monkeypatch.setattr(leaf, "VAST", 20)

    def value(x):
        total = float(np.sin(x).sum())
        spoil(x)
        return total

    report = check_gradients(value, np.linspace(0.3, 1.3, 30), grad=np.cos)
    assert report.verdict.name == "BROKEN"
    assert f"sets the {lost} of its own input x" in str(report)


def test_what_is_written_into_a_vast_array_is_told_of(monkeypatch):
    """As it is into another."""
    monkeypatch.setattr(leaf, "VAST", 20)

    def value(x):
        x *= 2.0
        return float(np.sin(x).sum())

    report = check_gradients(value, np.linspace(0.3, 1.3, 30), grad=np.cos)
    assert report.verdict.name == "BROKEN"
    assert "changes its own input x in place" in str(report)
