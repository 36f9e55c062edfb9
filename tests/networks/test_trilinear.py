"""The one sum of which every convolution is a derivative."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from networks.trilinear import Trilinear
from networks.windows import Windows

WINDOWS = Windows.fitting("F", (5, 4), (2, 3), stride=(2, 1), padding=(1, 2), dilation=(2, 1))


def longhand(x, W, y, groups):
    """F(x, W, y), summed up term by term as the formula says."""
    total, (C, O) = 0.0, (W.shape[1], len(W) // groups)  # noqa: E741
    for n, o, c in itertools.product(range(len(x)), range(len(W)), range(C)):
        for t, k in itertools.product(np.ndindex(WINDOWS.places), np.ndindex(WINDOWS.kernel)):
            axes = zip(t, WINDOWS.stride, k, WINDOWS.dilation, WINDOWS.padding, strict=True)
            s = [place * stride + tap * dilation - padding for place, stride, tap, dilation, padding in axes]
            if all(0 <= pixel < size for pixel, size in zip(s, WINDOWS.size, strict=True)):
                total += y[n, o, *t] * W[o, c, *k] * x[n, o // O * C + c, *s]
    return total


@pytest.mark.parametrize("groups", [1, 2])
def test_the_derivatives_of_the_sum(groups, rng):
    """Each, multiplied with what it was derived by, is the sum again, whose terms are counted one by one."""
    F = Trilinear(WINDOWS, groups)
    x, W = rng.normal(size=(2, 2 * groups, 5, 4)), rng.normal(size=(3 * groups, 2, 2, 3))
    y = rng.normal(size=(2, 3 * groups, *WINDOWS.places))
    expected = pytest.approx(longhand(x, W, y, groups), rel=1e-12)
    assert np.sum(F.by_y(x, W) * y) == expected
    assert np.sum(F.by_x(W, y) * x) == expected
    assert np.sum(F.by_W(x, y) * W) == expected


@pytest.mark.parametrize("groups", [1, 2])
def test_each_entry_of_a_derivative(groups, rng):
    """F is linear in each, so the derivative by an entry is what F says of that entry alone."""
    F = Trilinear(WINDOWS, groups)
    x, W = rng.normal(size=(1, groups, 5, 4)), rng.normal(size=(groups, 1, 2, 3))
    y = rng.normal(size=(1, groups, *WINDOWS.places))

    def alone(array):
        for place in np.ndindex(array.shape):
            unit = np.zeros(array.shape)
            unit[place] = 1
            yield unit

    by_y = [longhand(x, W, unit, groups) for unit in alone(y)]
    by_x = [longhand(unit, W, y, groups) for unit in alone(x)]
    by_W = [longhand(x, unit, y, groups) for unit in alone(W)]
    for ours, expected in ((F.by_y(x, W), by_y), (F.by_x(W, y), by_x), (F.by_W(x, y), by_W)):
        np.testing.assert_allclose(ours.ravel(), expected, rtol=1e-12, atol=1e-12)
