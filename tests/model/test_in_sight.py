"""What a function sees and holds is found by the names that it has in its code."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial

import numpy as np
import pytest

from gradcheck._model.in_sight import MANY, has_content, in_sight, is_data

X = np.zeros(3)
AROUND = {"w": X}


class Owner:
    """Holds arrays in an attribute, in a slot, and for all of its class."""

    __slots__ = ("__dict__", "kept")
    shared = X

    def __init__(self):
        self.kept, self.params, self.later = X, OrderedDict(W=X), [X, (X,)]

    def method(self):
        return AROUND

    def __call__(self):
        return self.method()


def around(of_default=X, *, of_keyword=X):
    cell = X

    def f(a, b=1, c=X):
        def inside():
            return AROUND, cell

        return inside, a, b, c

    f.attribute = X
    return f, of_default, of_keyword


def given(*roots):
    return {name for name, holder in in_sight(roots).items() if holder.read() is X}


OWN = {"self.kept", "self.params['W']", "self.later[0]", "self.later[1][0]", "Owner.shared", "AROUND['w']"}
ROOTS = {
    "a function": (around()[0], {"cell", "c", "f.attribute", "AROUND['w']"}),
    "its defaults": (around, {"of_default", "of_keyword", "AROUND['w']"}),
    "an object": (Owner(), OWN),
    "a method": (Owner().method, OWN),
    "a partial": (partial(Owner().method), OWN),
}


@pytest.mark.parametrize("kind", ROOTS)
def test_everything_is_found_by_its_name(kind):
    """Also what functions within a function see, and what the object of a method holds."""
    root, names = ROOTS[kind]
    found = given(root) - {"X"}
    assert found == names


FOREIGN = {
    "array": X,
    "dict": {"w": X},
    "list": [X],
    "number": 1.5,
    "ufunc": np.sin,
    "norm": np.linalg.norm,
    "int": int,
    "np": np,
}


@pytest.mark.parametrize("root", FOREIGN.values(), ids=FOREIGN)
def test_arguments_and_libraries_are_not_looked_into(root):
    """They are known, or nobody's state."""
    assert in_sight([root]) == {}


def test_what_is_read_is_what_stands_there_now():
    """And whoever writes there writes into the thing itself."""
    owner = Owner()
    places = in_sight([owner])
    places["self.kept"].write(1.0)
    places["self.params"].write({})
    assert owner.kept == places["self.kept"].read() == 1.0
    assert owner.params == {}
    owner.later.clear()
    assert places["self.later[0]"].read() is None


def test_the_search_comes_to_an_end():
    """In a circle, and among many things."""
    owner = Owner()
    owner.itself = owner
    owner.many = [*range(3 * MANY)]
    assert len(in_sight([owner])) < 2 * MANY


def test_data_and_objects_have_content():
    """Functions, classes and modules are code, and what is in an object of a library is its own affair."""
    assert is_data(X)
    assert is_data({})
    assert not is_data(Owner())
    assert has_content(Owner())
    assert has_content([])
    assert not any(map(has_content, [np, Owner, around, Owner().method, np.random.default_rng()]))
