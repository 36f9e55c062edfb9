"""What can be moved is told from what is held, and what must be refused is named with what to write."""

from __future__ import annotations

import array
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from gradcheck import InputError, Verdict, check_gradients
from gradcheck._model.movable import finite, integers, is_at_home, is_foreign, is_movable, is_whole, own

X = np.array([1.0, 2.0, 3.0])


class Lazy:
    """An array of a package that nobody here knows."""

    def __array__(self, dtype=None, copy=None):
        raise AssertionError  # nobody may compute it


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (X, "movable home"),
        (1.5, "movable home"),
        (np.float32(1.5), "movable home"),
        (3, "whole home"),
        (np.int64(3), "whole home"),
        (np.arange(3), "integers home"),
        (np.array([True]), "integers home"),
        (True, "home"),
        ("text", "home"),
        (Lazy(), "foreign home"),
        (Decimal(2), "foreign home"),
        (Fraction(1, 2), "foreign home"),
        (array.array("d", [1.0]), "foreign home"),
        (object(), "home"),
    ],
)
def test_what_a_leaf_is(value, said):
    """Each of it is said of those leaves alone of which it is true."""
    asked = {"movable": is_movable, "whole": is_whole, "foreign": is_foreign, "home": is_at_home}
    found = {word for word, ask in asked.items() if ask(value)}
    if integers(value) is not None:
        found.add("integers")
    assert found == set(said.split())


@pytest.mark.parametrize(("value", "expected"), [(X, True), (X * np.nan, False), (X[:0], False), ("text", False)])
def test_finite(value, expected):
    """An array is worth moving if one of its entries is finite."""
    assert finite(value) is expected


def test_a_leaf_of_ones_own():
    """Nothing that is done to it reaches the user's."""
    for value in (X, np.ma.masked_array(X), np.arange(3)):
        mine = own(value)
        assert type(mine) is type(value)
        assert not np.shares_memory(mine, value)
    thing = object()
    assert own(thing) is thing


REFUSED = {
    "Decimal": (Decimal(2), r"x is a Decimal, which is not a float and cannot be moved; write float\(x\)"),
    "Fraction": (Fraction(1, 2), r"x is a Fraction.*float\(x\)"),
    "array": (array.array("d", [1.0, 2.0]), r"x is an array of array.*give np\.asarray\(x\)"),
    "objects": (np.array([1.0, 2.0], dtype=object), r"x is of object.*write x\.astype\(float\)"),
    "Lazy": (Lazy(), r"x is a Lazy of .*np\.asarray\(x\), and make the Lazy inside of the function"),
}


@pytest.mark.parametrize(("value", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_moved_is_refused_by_name(value, message):
    """Alone, since there is nothing else to check."""
    with pytest.raises(InputError, match=message):
        check_gradients(lambda x: float(x[0]) if hasattr(x, "__getitem__") else 1.0, value, grad=lambda _: 1.0)


@pytest.mark.parametrize("value", [Decimal(2), Lazy(), array.array("d", [1.0])], ids=["Decimal", "Lazy", "array"])
def test_what_cannot_be_moved_is_held_beside_others(value):
    """And said; what is claimed for it is refused."""
    report = check_gradients(lambda x, d: float(x @ x), X, value, grad=lambda x, d: 2 * x)
    assert report.verdict is Verdict.CORRECT
    assert "held fixed, since nothing is claimed for it: d" in report.notes
    assert check_gradients(lambda x, d: float(x @ x), X, value, grad=lambda x, d: 3 * x).verdict is Verdict.WRONG
    with pytest.raises(InputError, match=r"d is an? "):
        check_gradients(lambda x, d: float(x @ x), X, value, grad=lambda x, d: (2 * x, 1.0))
