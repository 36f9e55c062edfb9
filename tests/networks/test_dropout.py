"""Dropout: some are silent, the others the louder for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradcheck.networks import Dropout, parameters


def test_by_hand():
    """Of four one is silent, and hears nothing; the others speak and hear 4/3 times as loudly."""
    layer = Dropout(0.25, np.array([[True, False, True, True]]))
    y, backward = layer.forward(np.array([[3.0, 3, 6, -9]]))
    np.testing.assert_allclose(y, [[4, 0, 8, -12]], rtol=1e-15)
    dx, grad = backward(np.array([[3.0, 6, 0, 9]]))
    np.testing.assert_allclose(dx, [[4, 0, 0, 12]], rtol=1e-15)
    assert grad is layer


def test_without_a_mask_all_speak(rng):
    """So it is used: what comes in goes out."""
    x = rng.normal(size=(3, 4))
    y, backward = Dropout(0.9, None).forward(x)
    assert np.array_equal(y, x)
    assert np.array_equal(backward(x)[0], x)


def test_on_average_nothing_changes(rng):
    """A hundred thousand ones are, on average, one, whatever the rate."""
    for rate in (0.0, 0.1, 0.5, 0.8):
        layer = Dropout.random((400, 250), rate, rng)
        y, _ = layer.forward(np.ones((400, 250)))
        assert np.mean(layer.mask) == pytest.approx(1 - rate, abs=0.01)
        assert np.mean(y) == pytest.approx(1, abs=0.02)


def test_the_mask_is_drawn_once_and_is_no_parameter():
    """The same seed draws the same; a use draws nothing."""
    one, other = (Dropout.random((5, 6), 0.5, np.random.default_rng(2)) for _ in range(2))
    assert np.array_equal(one.mask, other.mask)
    assert parameters(one) == {}
    assert replace(one, mask=None) == Dropout(0.5, None)


@pytest.mark.parametrize("rate", [-0.1, 1.0, 2.0, np.nan])
def test_a_rate_that_is_no_share_is_refused(rate, rng):
    """If all were silent, nobody could be louder for it."""
    with pytest.raises(ValueError, match="write the share that is silent, from 0 to below 1"):
        Dropout.random((2, 3), rate, rng)
    with pytest.raises(ValueError, match="write the share that is silent"):
        Dropout(rate, None).forward(np.ones((2, 3)))


@pytest.mark.parametrize("shape", [(1, 4), (3, 1), (3, 4, 1)])
def test_a_mask_of_another_shape_is_refused(shape, rng):
    """It is not broadcast in silence."""
    with pytest.raises(ValueError, match=r"takes x of that shape, not \(3, 4\); draw one for each use"):
        Dropout.random(shape, 0.5, rng).forward(np.ones((3, 4)))
