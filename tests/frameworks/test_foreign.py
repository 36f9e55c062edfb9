"""Objects of other packages, within reach of a function, change no verdict and are what they were."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients

X = np.array([1.0, 2.0, 3.0])


def frame():
    pandas = pytest.importorskip("pandas")
    index = pandas.MultiIndex.from_tuples([("x", 1), ("y", 2)], names=["p", "q"])
    return pandas.DataFrame({"a": [1.0, 2.0]}, index=index)


def universal():
    numba = pytest.importorskip("numba")
    return numba.vectorize(["float64(float64)"])(lambda a: a * a)


def compiled():
    numba = pytest.importorskip("numba")
    f = numba.njit(lambda a: a * a)
    f(X)
    return f


def lazy():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("dask.array").ones(3)


MAKERS = {
    "DataFrame of pandas": frame,
    "Series of pandas": lambda: frame()["a"],
    "Index of pandas": lambda: frame().index,
    "FrozenList of pandas": lambda: frame().index.names,
    "DataFrame of polars": lambda: pytest.importorskip("polars").DataFrame({"a": [1.0, 2.0]}),
    "DataArray of xarray": lambda: pytest.importorskip("xarray").DataArray(X, dims="x"),
    "Dataset of xarray": lambda: pytest.importorskip("xarray").Dataset({"a": ("x", X)}),
    "vectorize of numba": universal,
    "njit of numba": compiled,
    "array of dask": lazy,
    "Quantity of astropy": lambda: X * pytest.importorskip("astropy.units").m,
    "Quantity of pint": lambda: pytest.importorskip("pint").UnitRegistry().Quantity(X, "m"),
}


class Network:
    """It holds something of another package, in an attribute or deeper, and caches."""

    def __init__(self, thing, factor):
        self.params, self.thing, self.factor = {"w": X.copy()}, thing, factor

    def loss(self):
        self.cache = self.params["w"] ** 2
        return float(self.cache.sum()), {"w": 2 * self.factor * self.params["w"]}


PLACES = {
    "closure": lambda thing, k: check_gradients(lambda x: float(x @ x) + 0 * id(thing), X, grad=lambda x: 2 * k * x),
    "attribute": lambda thing, k: check_gradients(Network(thing, k)),
    "nested": lambda thing, k: check_gradients(Network([{"key": thing, "W": X}], k)),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_a_foreign_object_changes_no_verdict_and_is_what_it_was(make, place):
    """A wrong gradient beside it is found, a right one passes, and it still says of itself what it said before."""
    thing = make()
    before = repr(thing)
    assert place(thing, 1.01).verdict is Verdict.WRONG
    assert place(thing, 1.0).verdict is Verdict.CORRECT
    assert repr(thing) == before


def test_the_index_of_a_table_survives_where_a_function_reads_it():
    """Restoring must not empty the names of its levels, which cannot be filled again."""
    table = frame()

    def f(x):
        return float(x @ x) * table["a"].groupby(level="p").sum().iloc[0]

    assert check_gradients(f, X, grad=lambda x: 2.0 * x).verdict is Verdict.CORRECT
    assert list(table.index.names) == ["p", "q"]


def test_a_function_that_numba_compiled_is_checked_itself():
    """What it keeps of its compiled forms is left alone."""
    f = compiled()
    assert check_gradients(f, X, vjp=lambda x, u: 2.02 * x * u).verdict is Verdict.WRONG
    assert check_gradients(f, X, vjp=lambda x, u: 2 * x * u).verdict is Verdict.CORRECT
    assert np.array_equal(f(X), X * X)
