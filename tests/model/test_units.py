"""A gradient in another unit is converted to that of the value by that of its tensor, or refused."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import InputError, Verdict, check_gradients
from gradcheck._model.units import bare, gradient_in_unit, in_unit, of_gradient, unit_of

X = np.array([1.0, 2.0, 3.0])


class Length(int):
    """A unit that is a power of a hundred: of metres and centimetres."""

    def __pow__(self, power):
        return Length(power * int(self))

    def __truediv__(self, other):
        return Length(int(self) - int(other))


M, CM = Length(0), Length(1)


class Quantity(np.ndarray):
    """An array that knows how many hundredths it is counted in, and can be counted in others."""

    def __array_finalize__(self, of):
        self.unit = getattr(of, "unit", M)

    @property
    def value(self):
        return np.asarray(self)

    def to(self, unit):
        if unit == "":
            raise TypeError
        return quantity(self.value * 100.0 ** (int(unit) - int(self.unit)), unit)


def quantity(numbers, unit=M):
    made = np.array(numbers, dtype=float).view(Quantity)
    made.unit = unit
    return made


def test_what_has_no_unit():
    """Arrays, numbers, and what has `to` but no unit."""
    for thing in (X, 1.5, "text", None):
        assert unit_of(thing) is None
        assert bare(thing) is thing
        assert in_unit(thing, CM) is thing


def test_numbers_in_another_unit():
    """The numbers alone."""
    q = quantity([1.0, 2.0])
    assert unit_of(q) is M
    assert type(bare(q)) is np.ndarray
    assert in_unit(q, CM).tolist() == [100.0, 200.0]


def test_the_unit_of_a_gradient():
    """That of the value by that of the entry, where there are such."""
    assert of_gradient(None, None) is None
    assert of_gradient(CM, None) is CM
    assert of_gradient(CM, CM) == M
    assert of_gradient(None, CM) == -1


def test_a_gradient_in_a_unit():
    """It is converted, taken as it is where it has none, and refused where it cannot be converted."""
    assert gradient_in_unit(quantity([1.0]), CM, M, "x").tolist() == [100.0]
    assert gradient_in_unit(X, CM, M, "x") is X
    with pytest.raises(InputError, match="the gradient of x is in 1 where no unit is expected"):
        gradient_in_unit(quantity([1.0], CM), None, None, "x")


def test_a_function_of_quantities():
    """It is given a quantity; its value and its gradient are read in the units that they come in."""

    def f(q):
        return quantity(np.sum(q.to(CM).value ** 2), Length(2))  # in square centimetres

    for factor, verdict in ((1.0, Verdict.CORRECT), (1.01, Verdict.WRONG), (100.0, Verdict.WRONG)):
        report = check_gradients(f, quantity(X), grad=lambda q, k=factor: quantity(2e4 * k * q.value, Length(2)))
        assert report.verdict is verdict
        report = check_gradients(f, quantity(X), grad=lambda q, k=factor: quantity(2 * k * q.value, M))
        assert report.verdict is verdict
