"""At which points is a function asked? Plain numbers and hostile ones, in every layout, away from kinks."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import few, some
from hypothesis import find, given, settings
from hypothesis import strategies as st

from gradcheck import Verdict, check_gradients, networks
from gradcheck.strategies import arrays, away_from
from gradcheck.strategies.arrays import LAYOUTS, hostile_numbers, laid_out


@some
@given(arrays((3, 2)))
def test_arrays_have_plain_numbers(x):
    """Floating-point, of the shape given, hundredths between -10 and 10."""
    assert (x.shape, x.dtype.kind) == ((3, 2), "f")
    assert np.all(np.abs(x) <= 10)
    assert np.allclose(np.round(100 * x), 100 * x, rtol=1e-5)


@some
@given(arrays(hostile=True))
def test_hostile_numbers_and_their_squares_are_finite(x):
    """They are to break the code, not the question."""
    assert np.all(np.isfinite(x))
    assert np.all(np.isfinite(x * x))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_hostile_numbers_are_among_them(dtype):
    """Zeros of either sign, huge, tiny and subnormal numbers, in the type of the array."""
    info = np.finfo(dtype)
    for want in (
        lambda x: np.any((x == 0) & np.signbit(x)),
        lambda x: np.any(np.abs(x) > np.sqrt(info.max) / 4),
        lambda x: np.any((x != 0) & (np.abs(x) < info.tiny)),
        lambda x: np.any(x == 1.0) and np.any(x == 0.0),
    ):
        x = find(arrays((4,), dtypes=[dtype], hostile=True), want, settings=settings(max_examples=3000, database=None))
        assert x.dtype == dtype
    assert all(np.isfinite(np.dtype(dtype).type(n)) for n in hostile_numbers(dtype))


@pytest.mark.parametrize(
    ("layout", "holds"),
    [
        ("C", lambda x: x.flags.c_contiguous),
        ("Fortran", lambda x: x.flags.f_contiguous and not x.flags.c_contiguous),
        ("strided", lambda x: x.strides == (64, 16)),
        ("reversed", lambda x: x.strides == (-16, -8)),
        ("read-only", lambda x: not x.flags.writeable),
        ("broadcast", lambda x: x.strides[0] == 0),
    ],
)
def test_a_layout_in_memory(layout, holds):
    """The numbers are the same, save that one row stands for all where it is broadcast."""
    numbers = np.arange(6.0).reshape(3, 2)
    x = laid_out(numbers, "float64", layout)
    assert holds(x)
    assert np.array_equal(x, np.tile(numbers[:1], (3, 1)) if layout == "broadcast" else numbers)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 0, 3)])
def test_a_layout_of_hardly_anything(layout, shape):
    """Scalars and empty arrays lie in memory as they can."""
    assert laid_out(np.zeros(shape), "float32", layout).shape == shape


def test_an_unknown_layout_is_refused():
    with pytest.raises(ValueError, match="layout='diagonal' is not known; write one of C, Fortran"):
        laid_out(np.zeros(3), "float64", "diagonal")


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_layer_is_right_in_every_layout(layout, dtype):
    """The checker, too, takes an input as it lies."""
    x = laid_out(np.array([[0.5, -1.25], [2.0, 0.25], [0.75, -3.0]]), dtype, layout)
    assert check_gradients(networks.Tanh(), x).verdict is Verdict.CORRECT


@some
@given(st.data())
def test_numbers_keep_away_from_kinks(data):
    """From every kink, by the distance wanted, and within the bounds."""
    kinks = data.draw(st.lists(st.integers(-8, 8), max_size=4))
    x = data.draw(away_from(*kinks, by=0.25, within=10))
    assert abs(x) <= 10
    assert all(abs(x - kink) >= 0.25 - 1e-12 for kink in kinks)


@pytest.mark.parametrize(
    ("kinks", "least"), [((), 0.0), ((0,), 0.1), ((1,), 0.0), ((-0.05, 0.05), 0.15), ((3, 0), 0.1)]
)
def test_the_simplest_number_is_the_one_nearest_to_zero(kinks, least):
    assert find(away_from(*kinks), lambda _: True) == pytest.approx(least)


def test_kinks_that_leave_no_room_are_refused():
    with pytest.raises(ValueError, match=r"away_from\(0, 1\): nothing between -1 and 1 is 2 away"):
        away_from(0, 1, by=2, within=1)


def test_a_slope_is_measured_away_from_kinks():
    """At none of the points is there a kink."""

    @few
    @given(arrays((3, 2), dtypes=["float64"], elements=away_from(0)))
    def check(x):
        assert check_gradients(networks.ReLU(), x).verdict is Verdict.CORRECT

    check()
