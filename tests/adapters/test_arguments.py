"""Which arguments does a call give, and what is returned for each? Keywords find their places, or are refused."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from gradcheck import InputError
from gradcheck._adapters.arguments import arrays_beside, in_their_places, owners, pair


def f(a, b, c=3):
    return a + b + c


@pytest.mark.parametrize(
    ("call", "args", "inputs", "message"),
    [
        (f, (1,), {"c": 2}, "f cannot be called like this: missing a required argument: 'b'"),
        (f, (1, 2), {"b": 3}, "f cannot be called like this: multiple values for argument 'b'"),
        (max, (1,), {"b": 2}, "max cannot be called like this: no signature found"),
        (lambda a, *, b: a, (1,), {"b": 2}, "takes b by keyword alone; wrap it in a function that takes positions"),
    ],
)
def test_keywords_that_fit_no_place_are_refused(call, args, inputs, message):
    """In the words of Python, or with what to write instead."""
    with pytest.raises(InputError, match=message):
        in_their_places(call, args, inputs)


def test_keywords_are_put_in_their_places():
    """The order is that of the signature; a call without any is left as it is, whatever it is a call of."""
    assert in_their_places(f, (1,), {"c": 5, "b": 2}) == (1, 2, 5)
    args = (1, 2, 3, 4, 5)
    assert in_their_places(f, args, {}) is args


@pytest.mark.parametrize(
    ("result", "kind"), [(3.0, "float"), ((1.0, 2.0, 3.0), "tuple"), (np.ones(2), "ndarray"), (None, "NoneType")]
)
def test_what_is_no_pair_is_refused(result, kind):
    """An array of two is none either; a list is."""
    with pytest.raises(InputError, match=rf"loss returned {kind} where \(value, gradient\) is promised"):
        pair(result, "loss")
    assert pair([1.0, result], "loss") == (1.0, result)


def test_the_objects_whose_methods_are_called_are_found():
    """Behind partial functions too, with what these bind; a bare function, a class and True own nothing."""
    rng, bound = np.random.default_rng(0), {"seed": 1}
    assert owners(rng.normal) == [rng]
    net = type("Net", (), {"loss": f})()
    assert owners(net.loss) == [net]
    assert owners(functools.partial(net.loss, 1, c=bound)) == [net, [1, bound]]
    assert owners(f, int, True) == []


def test_integers_are_data_and_floats_are_the_point():
    """All arrays are data where the point is none of them."""
    args = (np.ones(2), np.arange(3), 4, np.array([True]))
    assert {*arrays_beside(["x", "labels", "n", "mask"], args)} == {"labels", "mask"}
    assert {*arrays_beside(["x", "labels", "n", "mask"], args, every=True)} == {"x", "labels", "mask"}
