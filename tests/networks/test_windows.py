"""The windows that slide over an image, and what finds its way back to the pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from networks.windows import Windows, each


def sliding(size, kernel, stride=1, padding=0, dilation=1):
    return Windows.fitting("Pool", size, kernel, stride=stride, padding=padding, dilation=dilation)


def row(*numbers):
    return np.array([[numbers]], dtype=float)


BY_HAND = {  # the windows of 1 2 3 4 5
    "side by side, the last left over": (sliding((5,), (2,), stride=2), [[1, 2], [3, 4]]),
    "overlapping": (sliding((5,), (3,)), [[1, 2, 3], [2, 3, 4], [3, 4, 5]]),
    "apart": (sliding((5,), (1,), stride=3), [[1], [4]]),
    "standing out": (sliding((5,), (3,), stride=2, padding=1), [[0, 1, 2], [2, 3, 4], [4, 5, 0]]),
    "with gaps": (sliding((5,), (2,), dilation=3), [[1, 4], [2, 5]]),
    "with gaps, standing out": (sliding((5,), (2,), 2, 2, 3), [[0, 2], [1, 4], [3, 0]]),
    "all of it": (sliding((5,), (5,)), [[1, 2, 3, 4, 5]]),
}


@pytest.mark.parametrize(("windows", "seen"), BY_HAND.values(), ids=BY_HAND)
def test_by_hand(windows, seen):
    """What each window sees, place by place."""
    np.testing.assert_array_equal(windows.of(row(1, 2, 3, 4, 5))[0, 0], seen)
    assert windows.places == (len(seen),)


@pytest.mark.parametrize("windows", [windows for windows, _ in BY_HAND.values()], ids=BY_HAND)
def test_on_the_way_back_each_pixel_is_counted_as_often_as_it_was_seen(windows):
    """By hand again: the numbers themselves, and how often they occur above."""
    seen = windows.of(row(1, 2, 3, 4, 5))
    times = windows.back(np.ones(seen.shape))
    np.testing.assert_array_equal(times[0, 0], [np.sum(seen == pixel) for pixel in (1, 2, 3, 4, 5)])


def test_two_axes_have_each_their_own():
    """Windows of 1 by 2, a row apart, two columns apart, standing out to left and right."""
    windows = sliding((2, 3), (1, 2), stride=(1, 2), padding=(0, 1))
    x = np.arange(1.0, 7).reshape(1, 1, 2, 3)
    np.testing.assert_array_equal(windows.of(x)[0, 0], [[[[0, 1]], [[2, 3]]], [[[0, 4]], [[5, 6]]]])
    np.testing.assert_array_equal(windows.of(x, blank=-np.inf)[0, 0, 0, 0], [[-np.inf, 1]])


sizes, moves = st.integers(1, 3), st.integers(1, 3)


@given(
    st.lists(st.tuples(sizes, moves, st.integers(0, 2), moves, st.integers(0, 4)), min_size=1, max_size=3),
    st.integers(0, 2**32 - 1),
)
def test_back_is_the_transpose(axes, seed):
    """Σ w · of(x) = Σ back(w) · x, over one axis, two or three, however the window moves."""
    kernel, stride, padding, dilation, _ = zip(*axes, strict=True)
    size = tuple(max(1, (k - 1) * d + 1 - 2 * p) + more for k, _, p, d, more in axes)
    windows, rng = sliding(size, kernel, stride, padding, dilation), np.random.default_rng(seed)
    x = rng.normal(size=(2, 3, *size))
    w = rng.normal(size=(2, 3, *windows.places, *kernel))
    back = windows.back(w)
    assert back.shape == x.shape
    assert np.sum(w * windows.of(x)) == pytest.approx(np.sum(back * x), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"stride": 0}, r"Pool\(stride=0\): write one whole number of at least 1, such as stride=1"),
        ({"stride": (1, 1, 1)}, r"a tuple with one for each of 2 axes, stride=\(1, 1\)"),
        ({"padding": -1}, r"Pool\(padding=-1\): write one whole number of at least 0"),
        ({"dilation": 1.5}, r"Pool\(dilation=1.5\)"),
        ({"dilation": (1, 0)}, r"Pool\(dilation=\(1, 0\)\)"),
        (
            {"dilation": 4},
            r"an image of size \(5, 4\) with padding \(0, 0\) has no room for a window that spans \(9, 5\)",
        ),
    ],
    ids=str,
)
def test_windows_that_cannot_slide_are_refused(numbers, message):
    """The message says what to write."""
    with pytest.raises(ValueError, match=message):
        sliding((5, 4), (3, 2), **numbers)


def test_a_window_one_pixel_too_wide_is_refused():
    """However far it would move to the next place."""
    for stride in (1, 5):
        with pytest.raises(ValueError, match=r"no room for a window that spans \(3,\)"):
            sliding((2,), (3,), stride)


def test_one_number_is_for_all_axes():
    """A tuple has one for each; NumPy's whole numbers are whole numbers."""
    assert each("Pool", kernel=2, axes=3) == (2, 2, 2)
    assert each("Pool", kernel=(1, np.int64(2)), axes=2) == (1, 2)
