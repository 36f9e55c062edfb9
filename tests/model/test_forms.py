"""A leaf is made again around other numbers as what it was: its class, its unit, its attributes."""

from __future__ import annotations

import warnings
from enum import IntEnum

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck._model.forms import Magnitude, Number, Plain, Subclass, form_of

X = np.array([1.0, 2.0, 3.0])


class Powered(np.ndarray):
    def __array_finalize__(self, of):
        self.power = getattr(of, "power", None)


class Own(float):
    def twice(self):
        return 2 * self


class Stubborn(np.ndarray):
    def copy(self, order="C"):
        return np.array(self, order=order)


class Color(IntEnum):
    RED = 1


def powered():
    made = X.view(Powered)
    made.power = 3.0
    return made


class Quantity:
    """What pint's quantities can do, as far as it is asked for."""

    def __init__(self, magnitude, units):
        self.held, self.units = magnitude, units

    @property
    def magnitude(self):
        return self.held

    def to(self, units):
        return Quantity(self.magnitude, units)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (X, Plain),
        (1.5, Number),
        (np.float32(1.5), Number),
        (3, Number),
        (np.int64(3), Number),
        (1j, Plain),
        (powered(), Subclass),
        (np.ma.masked_array(X), Subclass),
        (Quantity(X, "m"), Magnitude),
        (Quantity(1.5, "m"), Magnitude),
        (True, type(None)),
        (np.bool_(1), type(None)),
        (Color.RED, type(None)),
        (None, type(None)),
        ("text", type(None)),
        (np.arange(3), type(None)),
        (np.array([None]), type(None)),
        (Quantity("text", "m"), type(None)),
        (object(), type(None)),
        (X.view(Stubborn), type(None)),
    ],
)
def test_the_form_of_a_leaf(value, kind):
    """Floats and whole numbers have one; truth values, text and whatever is not like itself have none."""
    assert type(form_of(value)) is kind


@pytest.mark.parametrize("value", [powered(), np.ma.masked_array(X), Quantity(X, "m"), Quantity(1.5, "m"), Own(1.5)])
def test_the_like_of_a_leaf(value):
    """It is of the same class, has other numbers, and for itself."""
    form = form_of(value)
    numbers = 2 * form.numbers
    twin = form.like(numbers)
    assert type(twin) is type(value)
    assert np.array_equal(form.taken(twin), 2 * form.numbers)
    if numbers.ndim:
        numbers[0] = 99
        assert np.array_equal(form.taken(twin), 2 * form.numbers)
    for name in ("power", "units"):
        assert getattr(twin, name, None) == getattr(value, name, None)


def test_a_whole_number_is_moved_as_a_float():
    """The like of 3 is 3.5."""
    form = form_of(3)
    assert form.whole
    assert form.like(np.asarray(3.5)) == 3.5
    assert not form_of(3.0).whole


def test_a_matrix_reaches_the_function():
    """Its product is that of matrices; as an array it would be that of entries."""
    m = np.outer(X[:2], X[1:]).view(np.matrix)
    ones = np.ones((2, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for factor, verdict in ((1, Verdict.CORRECT), (1.01, Verdict.WRONG)):
            report = check_gradients(
                lambda m: np.sum(np.asarray(m * m)), m, grad=lambda m, k=factor: k * (ones * m.T + m.T * ones)
            )
            assert report.verdict is verdict


@pytest.mark.parametrize(
    "given", [1.5, [1.5, 2.5], {"a": 1.5, "b": 2.5}, np.float64(1.5)], ids=lambda v: type(v).__name__
)
def test_a_number_is_handed_on_as_what_it_is(given):
    """One of Python is one of Python, by itself or in a list: its function may ask for its type."""

    def f(p):
        values = p.values() if type(p) is dict else p if type(p) is list else [p]
        kind = type(given) if isinstance(given, float) else float
        return sum(v * v if type(v) is kind else 5 * v for v in values)

    def gradient(p):
        if type(p) is dict:
            return {name: 2 * v for name, v in p.items()}
        return [2 * v for v in p] if type(p) is list else 2 * p

    assert check_gradients(f, given, grad=gradient).verdict is Verdict.CORRECT


def test_a_whole_number_is_handed_on_as_a_number_of_python():
    """Moved to 3.5 it is a float."""
    assert type(form_of(3).like(np.asarray(3.5))) is float
