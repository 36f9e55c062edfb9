"""What was taken for noise is a wave if it is smooth from nearer, and goes on without a jump."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tested import ONE, looked_at, on_the_sine, with_noise

from gradcheck._entries.second_opinions.waves import on_a_wave


def wave(x):
    return float(np.sum(np.sin(1e9 * x) / 1e9 + x))


@pytest.mark.parametrize("part", [1.0, 0.5])
def test_on_a_wave_speaks(part):
    """Of a claim that is right, and of one that is wrong as well: what is measured there is the slope."""
    truth = 1 + math.cos(1e9)
    look, misled = looked_at(wave, np.array([1 + part * math.cos(1e9)]), ONE)
    assert abs(misled.value - 1) <= misled.uncertainty < 1e-6
    found = on_a_wave(look, misled)
    assert abs(found.value - truth) <= found.uncertainty < 1e-3
    assert look.accuses(found) is (part != 1)


def test_on_a_wave_is_silent():
    """Where f is as quiet as its rounding, the noise is one from nearer as well, or a part of f stands on stairs."""
    assert on_a_wave(*on_the_sine(claim=1.0)) is None
    look, misled = looked_at(with_noise(1e-7), np.array([1.0]), ONE, sigma=1e-7)
    assert on_a_wave(look, misled) is None
    look, misled = looked_at(lambda x: float(x[0] + np.float32(np.tanh(x[0]))), np.array([1.0]), ONE)
    assert abs(misled.value - 1) > 0.3
    assert on_a_wave(look, misled) is None
