"""To bring numbers to mean 0 and size 1, step by step."""

from __future__ import annotations

import numpy as np
import pytest

from networks.standardise import centred, mean, of_unit_size, scaled, standardised

ROOT = np.sqrt(2.5)


@pytest.mark.parametrize("size", [1.0, 1e-3, 1e6])
def test_by_hand(size):
    """Four numbers of mean 3 and variance 2.5, and what is felt of them if the first matters alone."""
    x = size * np.array([[1.0, 2, 4, 5]])
    z, back = standardised(x, (1,), 1e-30)
    np.testing.assert_allclose(z, np.array([[-2, -1, 1, 2]]) / ROOT, rtol=1e-14)
    dx = back(np.array([[1.0, 0, 0, 0]]))
    expected = np.array([[1 - 1 / 4 - 4 / 10, -1 / 4 - 2 / 10, -1 / 4 + 2 / 10, -1 / 4 + 4 / 10]]) / (ROOT * size)
    np.testing.assert_allclose(dx, expected, rtol=1e-14)


def test_the_three_terms(rng):
    """The two steps together are dx = (dz - mean dz - z mean(z dz)) / σ."""
    x, dz = rng.normal(size=(3, 5, 4)), rng.normal(size=(3, 5, 4))
    z, back = standardised(x, (0, 2), 0.1)
    sigma = np.sqrt(x.var(axis=(0, 2), keepdims=True) + 0.1)
    expected = (dz - mean(dz, (0, 2)) - z * mean(z * dz, (0, 2))) / sigma
    np.testing.assert_allclose(back(dz), expected, rtol=1e-12, atol=1e-15)


def test_what_would_be_normalised_away_is_not_felt(rng):
    """A pull on all alike is in vain, and one to make all larger too, but for ε."""
    z, back = standardised(rng.normal(size=(2, 6)), (1,), 1e-30)
    np.testing.assert_allclose(back(np.ones((2, 6))), 0, atol=1e-14)
    np.testing.assert_allclose(back(z), 0, atol=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_that_are_all_alike_become_zero(dtype):
    """However large, and though their mean is rounded; and what is felt of them is finite."""
    x = np.full((2, 7), 1e8 / 3, dtype)
    z, back = standardised(x, (1,), 1e-5)
    assert np.array_equal(z, np.zeros((2, 7)))
    assert np.all(np.isfinite(back(np.ones((2, 7), dtype))))


def test_far_from_zero_little_is_lost(rng):
    """In float32, a million away, what the mean's rounding would add is taken away again."""
    x = (1e6 + rng.normal(size=(1, 10_000))).astype(np.float32)
    z, _ = standardised(x, (1,), 1e-5)
    exact, _ = standardised(x.astype(np.float64), (1,), 1e-5)
    np.testing.assert_allclose(z, exact, atol=1e-5)


@pytest.mark.parametrize("size", [1e-150, 1e160, 1e300])
def test_no_square_overflows(size):
    """Where the squares are beyond all numbers."""
    with np.errstate(all="raise"):
        z, _ = of_unit_size(np.array([[3.0, 4]]) * size, (1,), 1e-320)
    np.testing.assert_allclose(z, [[3 / np.sqrt(12.5), 4 / np.sqrt(12.5)]], rtol=1e-14)


def test_of_nothing_the_mean_is_zero():
    """And nothing warns."""
    for f in (lambda x: standardised(x, (0,), 1e-5), lambda x: centred(x, (0,))):
        y, back = f(np.zeros((0, 3)))
        assert y.shape == back(y).shape == (0, 3)
    assert mean(np.zeros((0, 3)), (0,)).tolist() == [[0, 0, 0]]


def test_scale_and_shift_by_hand():
    """Two channels; γ hears dy z, β hears dy, z hears γ dy."""
    z, dy = np.array([[1.0, 2], [3, 4]]), np.array([[1.0, 10], [100, 1000]])
    y, back = scaled(z, np.array([2.0, 3]), np.array([5.0, 7]), (0,))
    np.testing.assert_array_equal(y, [[7, 13], [11, 19]])
    dz, dgamma, dbeta = back(dy)
    np.testing.assert_array_equal(dz, [[2, 30], [200, 3000]])
    np.testing.assert_array_equal(dgamma, [301, 4020])
    np.testing.assert_array_equal(dbeta, [101, 1010])
    assert scaled(z, None, None, (0,))[1](dy)[1:] == (None, None)


@pytest.mark.parametrize("eps", [0.0, -1e-5, np.nan])
def test_an_epsilon_that_guards_nothing_is_refused(eps):
    """Numbers all alike would be divided by zero."""
    with pytest.raises(ValueError, match="write a number above 0"):
        standardised(np.ones((2, 3)), (1,), eps)
