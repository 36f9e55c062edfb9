"""What is it that the user handed in, and what does he call it?"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from gradcheck._adapters.recognise import is_layer, is_network, quoted
from gradcheck.networks import Dense


@dataclass
class Record:
    x: int = 0


class Forward:
    def forward(self, x):
        return x


DENSE = Dense(np.ones((3, 2)), np.zeros(2))


@pytest.mark.parametrize(
    "thing", [Dense, Record(), Forward(), None, np.ones(2), "forward"], ids=lambda thing: type(thing).__name__
)
def test_what_is_no_layer(thing):
    """The class of one, a dataclass without a way forward, a way forward without fields."""
    assert not is_layer(thing)
    assert is_layer(DENSE)


@pytest.mark.parametrize(
    "thing",
    [
        SimpleNamespace(params=[np.ones(2)], loss=max),
        SimpleNamespace(params={"W": np.ones(2)}),
        SimpleNamespace(params={"W": np.ones(2)}, loss=3.0),
        DENSE,
    ],
    ids=["a list of params", "no loss", "a number for a loss", "a layer"],
)
def test_what_is_no_network(thing):
    """It has both a mapping of params and a loss that can be called."""
    assert not is_network(thing)
    assert is_network(SimpleNamespace(params={}, loss=max))


def test_things_are_called_as_users_call_them():
    """By their own names, with where they stand, else by those of their classes."""
    assert quoted(np.sin) == "sin"
    assert quoted(Forward().forward) == "Forward.forward"
    assert quoted(Dense) == "Dense"
    assert quoted(DENSE) == "Dense"
    assert quoted(functools.partial(max, 1)) == "partial"


def test_a_name_that_was_given_later_counts():
    """As a decorator gives it to what it returns."""

    def wrapper():
        return None

    wrapper.__name__ = "softplus"
    assert quoted(wrapper) == "softplus"
