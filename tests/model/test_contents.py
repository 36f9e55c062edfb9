"""What a thing holds is read without a word from the thing itself."""

from __future__ import annotations

import functools
import json
import re
import weakref
from collections import Counter, OrderedDict, UserDict, deque
from types import SimpleNamespace

import numpy as np
import pytest

from gradcheck._model.contents import (
    DEPTH,
    MISSING,
    attributes,
    container,
    elements,
    held,
    is_a,
    is_known,
    of_library,
    parts,
    reachable,
    slots,
    written_in_python,
)


class Liar(list):
    """It says that it is a dict, is empty, and has no attributes."""

    @property
    def __class__(self):
        return dict

    def __iter__(self):
        raise RuntimeError

    def __len__(self):
        raise RuntimeError

    def __getattribute__(self, name):
        if name == "__dict__":
            raise RuntimeError
        return super().__getattribute__(name)


class Slotted:
    __slots__ = ("empty", "full")

    def __init__(self):
        self.full = 1


class Plain:
    pass


def test_a_thing_that_lies_is_seen_through():
    """Its own class counts, what stands in it is found, and it has the attributes that it has."""
    liar = Liar([1, 2])
    assert is_a(liar, list)
    assert not is_a(liar, dict)
    assert container(liar) is list
    assert elements(liar) == [1, 2]
    assert attributes(liar) == {}


@pytest.mark.parametrize(
    ("thing", "kind", "held"),
    [
        (OrderedDict(a=1, b=2), OrderedDict, [1, 2]),
        (Counter("aab"), dict, [2, 1]),
        ((1, 2), tuple, [1, 2]),
        (deque([3]), deque, [3]),
        (frozenset({4}), frozenset, [4]),
        (UserDict(a=1), None, []),
        ("text", None, []),
        (np.ones(2), None, []),
    ],
    ids=lambda v: type(v).__name__,
)
def test_what_stands_in_a_container(thing, kind, held):
    """The values of a mapping; nothing in what is no built-in container, nor inherits from one."""
    assert container(thing) is kind
    assert elements(thing) == held


def test_slots_are_found_with_what_is_in_them():
    """And those to which nothing was given yet; a thing with slots alone has no dict."""
    found = {member.__name__: value for member, value in slots(Slotted())}
    assert found == {"empty": MISSING, "full": 1}
    assert attributes(Slotted()) is None
    assert list(slots(Plain())) == []


def test_what_is_held_by_name_is_in_attributes_and_slots():
    """Nothing is in a slot to which nothing was given yet, nor in what has neither."""
    both = type("Both", (Slotted,), {})()
    both.more = 2
    assert held(both) == {"more": 2, "full": 1}
    assert held(1.0) == {}


@pytest.mark.parametrize(
    ("cls", "python", "known"),
    [
        (Plain, True, True),
        (Slotted, True, True),
        (Liar, True, True),
        (dict, False, True),
        (memoryview, False, False),
        (re.Pattern, False, False),
    ],
)
def test_what_is_written_in_python_can_be_seen_through(cls, python, known):
    """Of what is written in C only the built-in containers are known."""
    assert written_in_python(cls) is python
    assert is_known(cls) is known


def test_what_belongs_to_a_library_is_not_the_users():
    """A class of NumPy or of Python; not one of his own, nor what has no module at all."""
    assert of_library(np.random.Generator)
    assert of_library(OrderedDict)
    assert not of_library(Plain)
    assert not of_library(5)


def test_a_function_sees_its_closure_its_defaults_and_its_globals():
    """Those that it names, or that a function inside of it names; an empty cell is skipped."""
    captured, default = object(), object()

    def outer(a=default):
        return lambda: (captured, Plain)

    found = parts(outer)
    assert [captured in found, default in found, Plain in found] == [True, True, True]
    assert np not in found

    def recursive():
        return unbound

    assert parts(recursive) == []
    unbound = 1


@pytest.mark.parametrize(
    ("thing", "held"),
    [
        (functools.partial(max, 1, key=abs), [max, 1, abs]),
        (np.array([1, None], dtype=object), [1, None]),
        (np.ones(3), []),
        (np, []),
        (Plain, []),
        (json.dumps, []),
        (SimpleNamespace(a=7), [7]),
    ],
    ids=["partial", "objects", "numbers", "module", "class", "library", "namespace"],
)
def test_what_a_thing_holds(thing, held):
    """Modules, classes, arrays of numbers and the functions of libraries are not looked into."""
    assert parts(thing) == held


def test_what_can_be_reached_is_reached_once_and_the_nearest_first():
    """Circles end, as does the search at some depth; a dead proxy and an array of numbers are left alone."""
    dead = weakref.proxy(Plain())
    circle = [dead, np.ones(2)]
    circle.append(circle)
    assert [id(thing) for thing in reachable([circle, circle])] == [id(circle)]
    deep = bottom = []
    for _ in range(DEPTH + 1):
        deep = [deep]
    assert not any(thing is bottom for thing in reachable([deep]))
    assert any(thing is bottom for thing in reachable(deep))
