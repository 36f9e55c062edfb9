"""Pools: the largest of each window, or its mean."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck.networks import AveragePool1d, AveragePool2d, GlobalAveragePool, GlobalMaxPool, MaxPool1d, MaxPool2d

PICTURE = np.array([[[[1.0, 5, 2, 0], [3, 4, 7, 6]]]])


@pytest.mark.parametrize(
    ("pool", "y", "dx"),
    [
        (MaxPool2d(2), [[5, 7]], [[0, 1, 0, 0], [0, 0, 10, 0]]),
        (MaxPool2d(2, stride=1), [[5, 7, 7]], [[0, 1, 0, 0], [0, 0, 110, 0]]),
        (MaxPool2d((1, 2)), [[5, 2], [4, 7]], [[0, 1, 10, 0], [0, 100, 1000, 0]]),
        (MaxPool2d(2, padding=1), [[1, 5, 0], [3, 7, 6]], [[1, 10, 0, 100], [1000, 0, 10000, 100000]]),
        (AveragePool2d(2), [[13 / 4, 15 / 4]], [[1 / 4, 1 / 4, 10 / 4, 10 / 4]] * 2),
        (
            AveragePool2d((2, 3), stride=1),
            [[22 / 6, 24 / 6]],
            [[1 / 6, 11 / 6, 11 / 6, 10 / 6]] * 2,
        ),
        (
            AveragePool2d((1, 2), (2, 2), (0, 1)),
            [[1 / 2, 7 / 2, 0]],
            [[1 / 2, 10 / 2, 10 / 2, 100 / 2], [0, 0, 0, 0]],
        ),
        (GlobalMaxPool(), 7, [[0, 0, 0, 0], [0, 0, 1, 0]]),
        (GlobalAveragePool(), 28 / 8, [[1 / 8] * 4] * 2),
    ],
    ids=repr,
)
def test_by_hand(pool, y, dx):
    """Every value and gradient; the sensitivities are 1, 10, 100 ..., to tell them apart."""
    value, backward = pool.forward(PICTURE)
    np.testing.assert_allclose(value[0, 0], y, rtol=1e-15)
    dy = 10.0 ** np.arange(value.size).reshape(value.shape)
    np.testing.assert_allclose(backward(dy)[0][0, 0], dx, rtol=1e-15)
    assert backward(dy)[1] is pool


@pytest.mark.parametrize(("kind", "y", "dx"), [(MaxPool1d, 3, [0, 1, 0]), (AveragePool1d, 2, [1 / 3] * 3)])
def test_sounds(kind, y, dx):
    """One axis is pooled like two."""
    value, backward = kind(3).forward(np.array([[[1.0, 3, 2]]]))
    np.testing.assert_array_equal(value, [[[y]]])
    np.testing.assert_array_equal(backward(np.ones((1, 1, 1)))[0], [[dx]])


@pytest.mark.parametrize("pool", [MaxPool2d(2), GlobalMaxPool()], ids=repr)
def test_at_a_tie_the_first_of_the_window_is_chosen(pool):
    """Row by row from the top, and no one else gets a part."""
    y, backward = pool.forward(np.array([[[[1.0, 2], [2, 2]]]]))
    np.testing.assert_array_equal(backward(np.ones_like(y))[0], [[[[0, 1], [0, 0]]]])


def test_beyond_the_edges_nothing_is_chosen():
    """Not even where all that is seen is below zero."""
    y, backward = MaxPool1d(3, 2, 1).forward(np.array([[[-3.0, -2, -5]]]))
    np.testing.assert_array_equal(y, [[[-2, -2]]])
    np.testing.assert_array_equal(backward(np.array([[[1.0, 10]]]))[0], [[[0, 11, 0]]])


@pytest.mark.parametrize(
    ("pool", "x", "message"),
    [
        (MaxPool2d(2), (2, 3, 8), r"MaxPool2d takes x of shape \(N, C, H, W\), not \(2, 3, 8\): .* x\[np.newaxis\]"),
        (AveragePool1d(2), (3, 8), r"AveragePool1d takes x of shape \(N, C, L\), not \(3, 8\)"),
        (MaxPool1d(2, padding=2), (2, 3, 8), r"padding=2\): the padding may be half of the kernel at most"),
        (AveragePool2d((3, 1), padding=1), (2, 3, 8, 8), r"the padding may be half of the kernel at most"),
        (MaxPool1d(0), (2, 3, 8), r"MaxPool1d\(kernel=0\): write one whole number of at least 1"),
        (MaxPool1d(2, 0), (2, 3, 8), r"MaxPool1d\(stride=0\)"),
        (MaxPool2d(3), (2, 3, 2, 8), r"an image of size \(2, 8\) .* no room for a window that spans \(3, 3\)"),
        (
            GlobalMaxPool(),
            (2, 3),
            r"GlobalMaxPool takes x of shape \(N, C, ...\), with at least one pixel, not \(2, 3\)",
        ),
        (GlobalAveragePool(), (2, 3, 0, 4), r"GlobalAveragePool .* not \(2, 3, 0, 4\)"),
    ],
    ids=str,
)
def test_images_that_cannot_be_pooled_are_refused(pool, x, message):
    """The message says what was expected."""
    with pytest.raises(ValueError, match=message):
        pool.forward(np.ones(x))
