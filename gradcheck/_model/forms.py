"""In what form is a leaf of the point given, and how is it rebuilt with other numbers?

The function is called with what it was given: a table stays a table, a quantity keeps its unit. What cannot be rebuilt
is recognised, so that it can be refused by name, or held fixed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gradcheck._model import tables, units
from gradcheck._model.trees import is_number
from gradcheck._results.errors import InputError

Array = NDArray[Any]


class Form(Protocol):
    """A leaf whose numbers can be moved."""

    @property
    def given(self) -> Any:  # noqa: ANN401
        """What was given."""
        ...

    @property
    def numbers(self) -> Array:
        """Its numbers."""
        ...

    @property
    def scalar(self) -> bool:
        """Whether it is a number by itself, which has no axes and cannot be changed."""
        ...

    def like(self, numbers: Array) -> Any:  # noqa: ANN401
        """Return the same with other numbers, which it has for itself."""
        ...

    def taken(self, thing: Any) -> Array:  # noqa: ANN401
        """Return the numbers of one that was made so."""
        ...

    def read(self, claim: Any, name: str) -> Any:  # noqa: ANN401
        """Return a gradient in the order of this; raises InputError where it is of other labels."""
        ...


class _Unlabelled:
    """Arrays and numbers, whose gradients are read as they come."""

    scalar = False

    def taken(self, thing: Any) -> Array:  # noqa: ANN401
        """Return the numbers of one that was made so."""
        array: Array = np.asarray(units.bare(thing))
        return array

    def read(self, claim: Any, name: str) -> Any:  # noqa: ANN401, ARG002
        """Return a gradient as it is."""
        return claim


@dataclass(frozen=True, eq=False)
class Plain(_Unlabelled):
    """An array of NumPy's own class."""

    given: Array

    @property
    def numbers(self) -> Array:
        """The array."""
        return np.asarray(self.given)

    def like(self, numbers: Array) -> Array:
        """Return the numbers."""
        return np.array(numbers, order="K")


@dataclass(frozen=True, eq=False)
class Subclass(_Unlabelled):
    """An array of a class of its own: a matrix, a quantity of astropy, one with a mask that hides nothing."""

    given: Any

    @property
    def numbers(self) -> Array:
        """What stands in it, in its own unit."""
        return np.ndarray.view(self.given, np.ndarray)

    def like(self, numbers: Array) -> Any:  # noqa: ANN401
        """Return the same with other numbers, which it has for itself."""
        own = self.given.dtype == numbers.dtype
        twin = self.given.copy(order="K") if own else self.given.astype(numbers.dtype)
        np.copyto(np.ndarray.view(twin, np.ndarray), numbers)
        return twin

    def taken(self, thing: Any) -> Array:  # noqa: ANN401
        """Return the numbers of one that was made so."""
        return np.ndarray.view(thing, np.ndarray)


@dataclass(frozen=True, eq=False)
class Number(_Unlabelled):
    """A number of Python or NumPy; whole ones are moved as floats."""

    given: Any
    scalar = True

    @property
    def whole(self) -> bool:
        """Whether it is a whole number, which may be a setting."""
        return isinstance(self.given, (int, np.integer))

    @property
    def numbers(self) -> Array:
        """The number, as an array without axes."""
        return np.asarray(float(self.given)) if self.whole else np.asarray(self.given)

    def like(self, numbers: Array) -> Any:  # noqa: ANN401
        """Return a number."""
        number, kind = numbers[()], type(self.given)
        if isinstance(self.given, np.generic):
            return number
        return float(number) if self.whole else kind(number)


@dataclass(frozen=True, eq=False)
class Magnitude(_Unlabelled):
    """A quantity that holds its numbers and its unit apart, as those of pint do."""

    given: Any

    @property
    def scalar(self) -> bool:  # type: ignore[override]
        """Whether it holds a single number."""
        return not isinstance(self.given.magnitude, np.ndarray)

    @property
    def numbers(self) -> Array:
        """Its numbers, in its own unit."""
        return np.asarray(self.given.magnitude)

    def like(self, numbers: Array) -> Any:  # noqa: ANN401
        """Return the same with other numbers, which it has for itself."""
        return type(self.given)(numbers[()] if self.scalar else np.array(numbers, order="K"), self.given.units)


def form_of(value: Any) -> Form | None:  # noqa: ANN401
    """Return the form of a leaf that holds floats, or a whole number; None for anything else."""
    if type(value) is np.ndarray:
        return Plain(value) if value.dtype.kind in "fc" else None
    if is_number(value):
        return Number(value)
    if isinstance(value, (bool, str, type(None))):
        return None
    if isinstance(value, (complex, np.complexfloating)):
        return Plain(np.asarray(value))
    form = _foreign_form(value)
    return form if form is not None and _is_like_itself(form) else None


def _foreign_form(value: Any) -> Form | None:  # noqa: ANN401
    if isinstance(value, np.ndarray):
        return (Plain if isinstance(value, np.memmap) else Subclass)(value) if value.dtype.kind in "fc" else None
    if tables.is_series(value):
        return tables.Series(value) if tables.kind_of(value.dtype) == "f" else None
    if tables.is_table(value):
        return tables.Frame(value) if any(tables.kind_of(dtype) == "f" for dtype in value.dtypes) else None
    if tables.is_labelled_array(value):
        data = value.data
        return tables.LabelledArray(value) if type(data) is np.ndarray and data.dtype.kind == "f" else None
    if is_magnitude(value):
        held = value.magnitude
        floats = type(held) in {float, np.float64} or (type(held) is np.ndarray and held.dtype.kind == "f")
        return Magnitude(value) if floats else None
    return None


def is_magnitude(value: Any) -> bool:  # noqa: ANN401
    """Return whether a thing holds its numbers and its unit apart."""
    return units.unit_of(value) is not None and hasattr(type(value), "magnitude")


def _is_like_itself(form: Form) -> bool:
    """Return whether the like of a leaf is one of its own class with its own numbers."""
    try:
        twin = form.like(form.numbers)
        same = type(twin) is type(form.given) or isinstance(form, Plain)
        return same and np.array_equal(form.taken(twin), form.numbers, equal_nan=form.numbers.dtype.kind in "fc")
    except InputError:
        raise
    except Exception:  # noqa: BLE001  a class of the user's may mind in any way
        return False
