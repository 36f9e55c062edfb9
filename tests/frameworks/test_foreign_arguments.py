"""A function is called with what its user gave: series, tables, quantities and axes keep what makes them so.

What cannot be rebuilt around other numbers is refused by name, or held where nothing is claimed for it.
"""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import InputError, Verdict, check_gradients

X = np.array([1.0, 2.0, 4.0])


def verdict(f, *args, **keywords):
    return check_gradients(f, *args, **keywords).verdict


@pytest.fixture
def pd():
    return pytest.importorskip("pandas")


@pytest.fixture
def xr():
    return pytest.importorskip("xarray")


@pytest.fixture
def u():
    return pytest.importorskip("astropy.units")


@pytest.fixture
def ureg():
    return pytest.importorskip("pint").UnitRegistry()


@pytest.fixture
def series(pd):
    return pd.Series(X, index=list("abc"), name="t")


@pytest.fixture
def table(pd):
    return pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [4.0, 5.0, 7.0]}, index=[2, 0, 1])


@pytest.fixture
def axes(xr):
    return xr.DataArray([[1.0, 2.0], [3.0, 4.0]], dims=("t", "x"), coords={"t": [0, 1], "x": ["p", "q"]})


# ------------------------------------------------------------------------------------------ labels


def test_a_series_has_its_own_variance(series):
    """It divides by n - 1, an array by n."""
    assert verdict(lambda s: s.var(), series, grad=lambda s: 2 * (s - s.mean()) / (len(s) - 1)) is Verdict.CORRECT
    assert verdict(lambda s: s.var(), series, grad=lambda s: 2 * (s - s.mean()) / len(s)) is Verdict.WRONG


@pytest.mark.parametrize("dtype", ["float32", "Float64"])
def test_a_series_keeps_its_dtype(series, dtype):
    """Also one that NumPy does not know."""
    given = series.astype(dtype)
    assert verdict(lambda s: (s**2).sum(), given, grad=lambda s: 2 * s) is Verdict.CORRECT
    assert verdict(lambda s: (s**2).sum(), given, grad=lambda s: 2.02 * s) is Verdict.WRONG


def test_series_find_one_another_by_their_labels(pd, series):
    """And so does a gradient its series: the same numbers in the order of another are wrong."""
    weights = pd.Series([3.0, 5.0, 7.0], index=list("cab"))
    assert verdict(lambda s: (s * weights).sum(), series, grad=lambda s: weights) is Verdict.CORRECT
    assert verdict(lambda s: (s * weights).sum(), series, grad=lambda s: weights.to_numpy()) is Verdict.WRONG
    with pytest.raises(InputError, match=r"the gradient of s has other labels .*0, 1, 2"):
        check_gradients(lambda s: (s**2).sum(), series, grad=lambda s: pd.Series(2 * s.to_numpy()))


def test_a_series_among_outputs(series):
    """Its cotangent has its labels."""
    assert verdict(lambda s: s**2, series, vjp=lambda s, u: 2 * s * u) is Verdict.CORRECT
    assert verdict(lambda s: s.cumsum(), series, vjp=lambda s, u: u[::-1].cumsum()) is Verdict.CORRECT
    assert verdict(lambda s: s**2, series, vjp=lambda s, u: s * u) is Verdict.WRONG


def test_what_is_missing_is_held(pd):
    """A sum skips it."""
    gaps = pd.Series([1.0, np.nan, 3.0])
    assert verdict(lambda s: s.sum() ** 2, gaps, grad=lambda s: 2 * s.sum() * s.notna()) is Verdict.CORRECT
    assert verdict(lambda s: s.sum() ** 2, gaps, grad=lambda s: s.sum() * s.notna()) is Verdict.WRONG


def test_a_series_that_is_changed_in_place(series):
    """Each call gets one of its own, and what is done to it is seen."""

    def f(s):
        s["a"] = 0.0
        return (s**2).sum()

    report = check_gradients(f, series, grad=lambda s: 2 * s)
    assert "changes its own input s in place" in report.problems[0].sentence
    assert series["a"] == 1.0


def test_a_table(pd, table):
    """Its gradient may have its columns in another order."""

    def f(d):
        return (d["a"] * d["b"] ** 2).sum()

    assert verdict(f, table, grad=lambda d: pd.DataFrame({"b": 2 * d.a * d.b, "a": d.b**2})) is Verdict.CORRECT
    assert verdict(f, table, grad=lambda d: pd.DataFrame({"b": 2 * d.a * d.b, "a": d.b})) is Verdict.WRONG


def test_a_table_with_groups(pd):
    """The column that names them is left alone."""
    given = pd.DataFrame({"a": [1.0, 2.0, 3.0], "g": ["x", "y", "x"]})

    def f(d):
        return (d.groupby("g")["a"].mean() ** 2).sum()

    def df(d):
        group = d.groupby("g")["a"]
        return pd.DataFrame({"a": 2 * group.transform("mean") / group.transform("size")})

    assert verdict(f, given, grad=df) is Verdict.CORRECT
    assert verdict(f, given, grad=lambda d: 2 * df(d)) is Verdict.WRONG


def test_whole_numbers_in_a_table(pd):
    """They are held, which is said, and what is claimed for them is refused."""
    given = pd.DataFrame({"a": [1.0, 2.0], "k": [1, 2]})
    report = check_gradients(lambda d: (d.a * d.k).sum(), given, grad=lambda d: pd.DataFrame({"a": d.k, "k": 0}))
    said = "held fixed, since they are whole numbers: d['k']; write d.astype(float) to check them"
    assert (report.verdict, report.notes) == (Verdict.CORRECT, (said,))
    assert verdict(lambda d: (d.a * d.k).sum(), given, grad=lambda d: pd.DataFrame({"a": 2 * d.k})) is Verdict.WRONG
    with pytest.raises(InputError, match="a column 'k', which holds no floats"):
        check_gradients(lambda d: (d.a * d.k).sum(), given, grad=lambda d: pd.DataFrame({"a": d.k, "k": d.a}))


def test_axes_keep_their_names(xr, axes):
    """A gradient is turned by the names of its axes, and ordered by their labels."""

    def f(a):
        return (a.sum("t") ** 2).sum()

    assert verdict(f, axes, grad=lambda a: (2 * a.sum("t") * xr.ones_like(a)).T) is Verdict.CORRECT
    assert verdict(f, axes, grad=lambda a: (2 * a.sum("t") * xr.ones_like(a)).sel(x=["q", "p"])) is Verdict.CORRECT
    assert verdict(f, axes, grad=lambda a: 2 * a.sum("x") * xr.ones_like(a)) is Verdict.WRONG
    with pytest.raises(InputError, match=r"has the axes .*'z'"):
        check_gradients(f, axes, grad=lambda a: (2 * a).rename(t="z"))


# ------------------------------------------------------------------------------------------- units


def test_quantities_of_astropy(u):
    """The gradient of square metres by metres is in metres, or in anything that can be converted to them."""
    q = X * u.m
    for claim in (lambda q: 2 * q, lambda q: (2 * q).to(u.km), lambda q: 2 * q.value):
        assert verdict(lambda q: np.sum(q**2), q, grad=claim) is Verdict.CORRECT
    assert verdict(lambda q: np.sum(q**2), q, grad=lambda q: 2.02 * q) is Verdict.WRONG
    assert verdict(lambda q: np.sum(q**2), q, grad=lambda q: (2 * q).to(u.km).value) is Verdict.WRONG
    with pytest.raises(InputError, match="the gradient of q is in m s where m is expected"):
        check_gradients(lambda q: np.sum(q**2), q, grad=lambda q: 2 * q * u.s)


def test_a_function_that_needs_a_unit(u):
    """Degrees are converted within it: as a plain array it would be another function."""
    angle = X * u.deg
    inner = np.pi / 180
    assert verdict(lambda a: np.sum(np.sin(a)).value, angle, grad=lambda a: np.cos(a).value * inner) is Verdict.CORRECT
    assert verdict(lambda a: np.sum(np.sin(a)).value, angle, grad=lambda a: np.cos(a).value) is Verdict.WRONG


def test_quantities_in_a_dict(u):
    """Each gradient in the unit of the energy by its own."""
    point = {"m": X * u.kg, "v": X[::-1] * u.km / u.s}

    def energy(p):
        return (p["m"] * p["v"] ** 2).sum().to(u.J)

    assert verdict(energy, point, grad=lambda p: {"m": p["v"] ** 2, "v": 2 * p["m"] * p["v"]}) is Verdict.CORRECT
    assert verdict(energy, point, grad=lambda p: {"m": p["v"] ** 2, "v": p["m"] * p["v"]}) is Verdict.WRONG


def test_quantities_of_pint(ureg):
    """Arrays and numbers, also among outputs."""
    q = ureg.Quantity(X.copy(), "m")
    for claim in (lambda q: 2 * q, lambda q: (2 * q).to("cm")):
        assert verdict(lambda q: (q**2).sum(), q, grad=claim) is Verdict.CORRECT
    assert verdict(lambda q: (q**2).sum(), q, grad=lambda q: 3 * q) is Verdict.WRONG
    assert verdict(lambda q: q**2, q, vjp=lambda q, u: 2 * q * u) is Verdict.CORRECT
    assert verdict(lambda q: q**2, ureg.Quantity(2.5, "m"), grad=lambda q: 2 * q) is Verdict.CORRECT
    assert verdict(lambda q: q**2, ureg.Quantity(2.5, "m"), grad=lambda q: 2.02 * q) is Verdict.WRONG
    with pytest.raises(InputError, match="is in meter \\* second where meter is expected"):
        check_gradients(lambda q: (q**2).sum(), q, grad=lambda q: 2 * q * ureg.s)


# ----------------------------------------------------------------------------- what is not made again

REFUSED = {
    "Series of polars": (lambda: pytest.importorskip("polars").Series(X), r"s is a Series of polars.*s\.to_numpy\(\)"),
    "DataFrame of polars": (lambda: pytest.importorskip("polars").DataFrame({"a": X}), r"polars.*s\.to_numpy\(\)"),
    "array of dask": (lambda: pytest.importorskip("dask.array").from_array(X), r"an Array of dask.*s\.compute\(\)"),
    "DataArray around dask": (
        lambda: (pytest.importorskip("dask"), pytest.importorskip("xarray").DataArray(X).chunk())[1],
        r"s is a DataArray around an array of dask; give s\.compute\(\)",
    ),
}


@pytest.mark.parametrize(("make", "message"), REFUSED.values(), ids=REFUSED)
@pytest.mark.filterwarnings("ignore")
def test_what_cannot_be_made_again(make, message):
    """Refused if it is what is to be moved, and held if nothing is claimed for it."""
    with pytest.raises(InputError, match=message):
        check_gradients(lambda s: float(np.sum(np.asarray(s) ** 2)), make(), grad=lambda s: 2 * np.asarray(s))
    report = check_gradients(lambda x, s: float(np.sum(np.asarray(s)) * x @ x), X, make(), grad=lambda x, s: 14 * x)
    assert report.verdict is Verdict.CORRECT
    assert "held fixed, since nothing is claimed for it: s" in report.notes


def test_a_gradient_of_another_package(pd):
    """Where an array was given, it is read as one."""
    claims = [lambda x: pd.Series(2 * x)]
    claims += [lambda x: pytest.importorskip("polars").Series(2 * x)]
    for claim in claims:
        assert verdict(lambda x: float(x @ x), X, grad=claim) is Verdict.CORRECT
