"""What was told in JSON and arrays is made again: the same numbers, the same objects, shared where they were."""

from __future__ import annotations

import enum
import functools
import json
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

from gradcheck._cases.json.decode import Maker
from gradcheck._cases.json.encode import Teller
from gradcheck.networks import Chain, Dense, Tanh


class Opening:
    """A class that would do something."""

    def __init__(self):
        raise AssertionError

    def __reduce__(self):
        raise AssertionError


def test_a_name_that_is_gone_is_an_error():
    """The module was changed since."""
    with pytest.raises(ValueError, match="gradcheck has no nothing"):
        Maker({}).make({"name": "gradcheck:nothing"}, "")


@pytest.mark.parametrize(
    "told",
    [
        {"of": {"name": "os:mkdir"}, "items": ["made"]},
        {"of": {"name": "pathlib:Path.mkdir"}, "items": [{"name": "os:curdir"}]},
        {"of": {"name": "subprocess:Popen"}, "items": ["true"]},
        {"of": {"name": f"{__name__}:Opening"}, "state": {}},
        {"of": "text", "items": []},
    ],
)
def test_a_file_made_by_hand_has_nothing_called(tmp_path, monkeypatch, told):
    """What is no class of named items, or of plain attributes, is refused, not called."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="is not a class whose objects are saved by their parts"):
        Maker({}).make(told, "model")
    assert list(tmp_path.iterdir()) == []


def test_words_that_are_missing_are_named():
    """An empty mapping tells of nothing."""
    with pytest.raises(ValueError, match=r"it was not told \(''\)"):
        Maker({}).make({}, "model")


class Guarded:
    """A property that refuses to be set."""

    @property
    def value(self):
        raise AssertionError

    @value.setter
    def value(self, value):
        raise AssertionError


def test_attributes_come_back_without_the_code_that_guards_them():
    """A property of the class is not called by an attribute of its name."""
    made = Maker({}).make({"of": {"name": f"{__name__}:Guarded"}, "state": {"value": 3}}, "model")
    assert vars(made) == {"value": 3}


class Pair(NamedTuple):
    a: int
    b: tuple[int, ...]


class Colour(enum.Enum):
    RED = 1


class Net:
    def __init__(self, W):
        self.params = {"W": W}

    def loss(self, x):
        return x @ self.params["W"]


@dataclass(frozen=True)
class Layer:
    W: object
    sub: object = None


def function(x):
    return x


W = np.arange(6.0).reshape(2, 3)


def again(value):
    """Return a value that went through JSON and back."""
    teller = Teller()
    told = json.loads(json.dumps(teller.tell(value, "model"), allow_nan=False))
    assert teller.untold == []
    return Maker(teller.arrays).make(told, "model")


@pytest.mark.parametrize(
    "value",
    [
        None, True, 3, 10**30, 0.1, "text", float("inf"), -float("inf"), 2 - 3j, (1, [2, (3,)], {"a": {}}),
        {1: "one", (2, 3): "two"}, Pair(1, (2, 3)), function, np.tanh, np.float32, Net, Net.loss, np.linalg.norm,
        Colour.RED, [], (), {}, np.dtype("float32"),
    ],
)  # fmt: skip
def test_what_can_be_compared_comes_back_equal(value):
    """Numbers, containers and names."""
    back = again(value)
    assert back == value
    assert type(back) is type(value)


def test_what_is_not_a_number_stays_none():
    """JSON has no word for it."""
    assert np.isnan(again(float("nan")))


@pytest.mark.parametrize(
    "array",
    [
        W, W.astype(np.float32), np.asfortranarray(W), np.array(3), np.array([], dtype=int), np.array(["a"]), W == 1,
        W + 1j, np.zeros((2, 0)), np.array([np.nan, np.inf]), np.zeros(2, dtype=[("a", float), ("b", int)]),
    ],
)  # fmt: skip
def test_arrays_come_back_bit_for_bit(array):
    """With shape and dtype, and ready to be written to."""
    back = again(array)
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert back.tobytes() == array.tobytes()
    assert back.flags.writeable


def test_a_number_of_numpy_keeps_its_type():
    """A float32 stays one."""
    back = again(np.float32(0.1))
    assert type(back) is np.float32
    assert back == np.float32(0.1)


def test_objects_come_back_with_their_attributes():
    """Networks, dataclasses, frozen or not, and the methods of both."""
    network = Chain((Dense(W, W[0]), Tanh()))
    back = again(network)
    assert [type(layer) for layer in back.layers] == [Dense, Tanh]
    np.testing.assert_array_equal(back.layers[0].W, W)
    np.testing.assert_array_equal(again(Net(W).loss)(np.ones(2)), Net(W).loss(np.ones(2)))
    partial = again(functools.partial(np.add, W, dtype=float))
    np.testing.assert_array_equal(partial(1), W + 1)


def test_what_is_shared_is_shared_again():
    """A tied weight stays tied, a layer used twice is one, and a list in itself is in itself."""
    dense = Dense(W, W[0])
    first, second, tied = again([dense, dense, Layer(dense.W)])
    assert first is second
    assert tied.W is first.W
    loop = []
    loop.append(loop)
    back = again(loop)
    assert back[0] is back


def test_a_method_shares_the_object_of_another():
    """Two methods of one network see the same weights."""
    net = Net(W)
    first, second = again((net.loss, net.loss))
    assert first.__self__ is second.__self__
