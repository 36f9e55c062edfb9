"""What stands on stairs under a slope is measured with their noise."""

from __future__ import annotations

import math

import numpy as np
from tested import ONE, looked_at, on_the_sine

from gradcheck._entries.second_opinions.stairs_beneath import stairs_beneath_a_slope


def gated(x):
    return float(np.sum(x * (1 / (1 + np.exp(-x.astype(np.float32)))).astype(np.float64)))


def test_stairs_beneath_a_slope_speaks():
    """Where a factor is of single precision: the ladder is certain of the slope that the other factor has alone."""
    x = np.array([0.6404226504432821])
    s = 1 / (1 + math.exp(-x[0]))
    look, misled = looked_at(gated, np.array([1.0]), x, sigma=1e-16)
    found = stairs_beneath_a_slope(look, misled)
    truth = s + x[0] * s * (1 - s)
    assert abs(misled.value - s) <= misled.uncertainty < 1e-6
    assert abs(found.value - truth) <= found.uncertainty < 1e-4
    assert look.tested.experience.stairs > 0


def test_stairs_beneath_a_slope_is_silent():
    """Where f is smooth, where it jumps by much, and where its stairs are wider than those of any precision."""
    look, estimate = on_the_sine(sigma=1e-16)
    assert stairs_beneath_a_slope(look, estimate) is None
    for f in (lambda x: float(np.sum(np.where(x >= 1, x + 1, x))), lambda x: float(np.sum(x + np.floor(4 * x + 0.1)))):
        look, estimate = looked_at(f, ONE, ONE, sigma=1e-16)
        assert stairs_beneath_a_slope(look, estimate) is None
    assert look.tested.experience.stairs == 0
