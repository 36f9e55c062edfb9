"""What has a name in a module, and what is no more than its attributes: nothing else is told by its parts."""

from __future__ import annotations

import collections
import math
from dataclasses import dataclass
from typing import NamedTuple

import pytest

from gradcheck._cases.json.names import found, is_named_tuple, is_ordinary, spelled


class Slotted:
    __slots__ = ("x",)


class Reduced:
    def __reduce__(self):
        return Reduced, ()


class Restored:
    def __setstate__(self, state):
        raise AssertionError


class Made:
    def __new__(cls):
        return super().__new__(cls)


@dataclass(frozen=True)
class Plain:
    x: int


class Pair(NamedTuple):
    a: int


@pytest.mark.parametrize("kind", [Slotted, Reduced, Restored, Made, dict, int, type("Below", (Slotted,), {})])
def test_a_class_with_a_way_of_its_own_is_not_ordinary(kind):
    """Slots, or a say in how it is made, copied or restored."""
    assert not is_ordinary(kind)


@pytest.mark.parametrize("kind", [Plain, type("Empty", (), {})])
def test_a_class_of_attributes_is_ordinary(kind):
    """Frozen or not."""
    assert is_ordinary(kind)


def test_only_a_tuple_with_names_is_a_named_tuple():
    """Neither a tuple nor what merely has fields."""
    assert is_named_tuple(Pair)
    assert is_named_tuple(collections.namedtuple("Old", "a b"))  # noqa: PYI024  it must be told as well
    assert not is_named_tuple(tuple)
    assert not is_named_tuple(type("Fields", (), {"_fields": ("a",)}))


def test_a_name_that_leads_nowhere_leads_to_nothing():
    """At its end or on the way."""
    assert found(math, "no.such") is None
    assert found(collections, "OrderedDict.nothing") is None
    assert found(collections, "OrderedDict.items") is collections.OrderedDict.items


def test_a_path_can_be_the_name_of_an_array():
    """Also where a key holds half of a character, which no archive takes."""
    assert (spelled("args[0].a"), spelled("args[0].ä"), spelled("args[0].\ud800")) == (
        "args[0].a",
        "args[0].ä",
        r"args[0].\ud800",
    )
