"""Values are told in JSON, beside their arrays; what cannot be told is said, by its path."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
import pytest

from gradcheck._cases.json.decode import Maker
from gradcheck._cases.json.encode import Teller
from gradcheck.networks import Chain, Dense, Tanh


class Net:
    def __init__(self, W):
        self.params = {"W": W}

    def loss(self, x):
        return x @ self.params["W"]


class Slotted:
    __slots__ = ("W",)

    def __init__(self, W):
        self.W = W


class Half(Slotted):
    """Has a slot and a dict."""


def function(x):
    return x


W = np.arange(6.0).reshape(2, 3)


def test_arrays_are_called_by_their_path():
    """So that somebody who opens the file finds them."""
    teller = Teller()
    teller.tell(Chain((Dense(W, W[0].copy()), Tanh())), "model")
    teller.tell([Net(W + 1), {"y": W + 2}], "args")
    assert sorted(teller.arrays) == ["args[0].params.W", "args[1].y", "model.layers[0].W", "model.layers[0].b"]


def _closure():
    return lambda x: x


@dataclass
class Local:
    W: object
    rule: object


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (_closure(), "model is <lambda>, which cannot be built from a file"),
        (Slotted(W), "model is Slotted, which"),
        (Half(W), "model is Half, which"),
        (np.random.default_rng(0), "model is Generator, which"),
        (np.array([None]), "model is ndarray, which"),
        (np.ma.masked_array([1.0]), "model is MaskedArray, which"),
        (OrderedDict(a=1), "model is OrderedDict, which"),
        (Local(W, _closure()), "model.rule is <lambda>, which"),
        ({"a": [1, iter(())]}, "model.a[1] is tuple_iterator, which"),
        (type("Hidden", (), {})(), "model is Hidden, which"),
        (type("Hidden", (), {}), "model is Hidden, which"),
        (b"bytes", "model is bytes, which"),
    ],
    ids=[
        "lambda",
        "slots",
        "slots and dict",
        "generator",
        "objects",
        "masked",
        "ordered",
        "field",
        "iterator",
        "instance",
        "class",
        "bytes",
    ],
)
def test_what_cannot_be_made_again_is_said(value, said):
    """By its path; nothing is guessed, and nothing is made of it."""
    teller = Teller()
    told = teller.tell(value, "model")
    assert len(teller.untold) == 1
    assert teller.untold[0].startswith(said)
    with pytest.raises(ValueError, match="it was not told"):
        Maker(teller.arrays).make(told, "model")


def test_the_arrays_of_what_cannot_be_made_are_kept():
    """In mappings, in dataclasses with closures, and in what has a state_dict."""

    class Module:
        def state_dict(self):
            return OrderedDict({"0.weight": W, "steps": 3})

    teller = Teller()
    teller.tell([Module(), OrderedDict(V=W + 1), Local(W + 2, _closure())], "model")
    assert sorted(teller.arrays) == ["model[0].0.weight", "model[1].V", "model[2].W"]


def test_the_modules_that_are_needed_are_known():
    """To be imported from where they were."""
    teller = Teller()
    teller.tell([function, Net(W)], "model")
    assert teller.modules == {__name__}
