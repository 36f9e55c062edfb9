"""Labels are kept on the way to the function, and on the way back a gradient is read by them."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._model.forms import form_of
from gradcheck._model.tables import Frame, LabelledArray, Series, is_labelled_array, is_series, is_table, kind_of

X = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("dtype", "kind"), [(float, "f"), ("f4", "f"), (int, "i"), (bool, "i"), (object, "O"), ("m8", "O")]
)
def test_the_kind_of_a_dtype(dtype, kind):
    """Floats, whole numbers, and all else."""
    assert kind_of(np.dtype(dtype)) == kind


@pytest.mark.parametrize("thing", [X, 1.5, [1.0], {"a": X}, np.ma.masked_array(X), object()])
def test_what_has_no_labels(thing):
    """Arrays and containers of Python and NumPy."""
    assert not any(ask(thing) for ask in (is_series, is_table, is_labelled_array))


def pandas():
    return pytest.importorskip("pandas")


def test_a_series_is_made_again():
    """With its index, its name and its attributes, and numbers of its own."""
    given = pandas().Series(X, index=list("abc"), name="w")
    given.attrs["of"] = "users"
    form = form_of(given)
    assert isinstance(form, Series)
    twin = form.like(2 * X)
    assert (list(twin.index), twin.name, twin.attrs) == (list("abc"), "w", {"of": "users"})
    assert form.taken(twin).tolist() == [2.0, 4.0, 6.0]
    assert given.tolist() == [1.0, 2.0, 3.0]


def test_a_table_keeps_what_is_no_float():
    """Its columns of floats are moved, the others are what they were."""
    given = pandas().DataFrame({"a": [1.0, 2.0], "g": ["x", "y"], "b": [3.0, 4.0], "k": [1, 2]})
    form = form_of(given)
    assert isinstance(form, Frame)
    assert form.still == ["g", "k"]
    twin = form.like(form.numbers + 1)
    assert twin["a"].tolist() == [2.0, 3.0]
    assert twin["b"].tolist() == [4.0, 5.0]
    assert twin[["g", "k"]].equals(given[["g", "k"]])
    assert twin.dtypes.equals(given.dtypes)


def test_an_array_with_axes_is_made_again():
    """With the names of its axes and their labels."""
    xarray = pytest.importorskip("xarray")
    given = xarray.DataArray(X, dims="t", coords={"t": [3, 4, 5]}, name="w", attrs={"of": "users"})
    form = form_of(given)
    assert isinstance(form, LabelledArray)
    assert form.like(X).identical(given)
