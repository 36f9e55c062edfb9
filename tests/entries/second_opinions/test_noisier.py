"""More noise along an entry than its tensor showed is heard."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from tested import ONE, SLOPE, looked_at, on_the_sine, with_noise

from gradcheck._entries.second_opinions.noisier import noise_of_this_line, scatter_of_the_rungs


def test_noise_of_this_line_speaks():
    """Where the whole tensor was quieter than the entry: what noise makes of the finest steps is no slope then."""
    look, misled = looked_at(with_noise(1e-9), np.array([SLOPE]), ONE, sigma=1e-16)
    found = noise_of_this_line(look, misled)
    assert not abs(misled.value - SLOPE) <= misled.uncertainty < 1
    assert abs(found.value - SLOPE) <= found.uncertainty < 1e-4


def test_noise_of_this_line_is_silent():
    """Where the entry is no noisier, and where the noise of the tensor was no mere rounding."""
    look, estimate = on_the_sine(sigma=1e-16)
    assert noise_of_this_line(look, estimate) is None
    look, estimate = looked_at(with_noise(1e-9), np.array([SLOPE]), ONE, sigma=1e-9)
    assert noise_of_this_line(look, estimate) is None


def test_scatter_of_the_rungs_speaks():
    """Where slopes at the finest steps scatter by far more than a noise of 1e-16 makes them."""
    look, sharp = looked_at(with_noise(1e-10), np.array([SLOPE]), ONE, sigma=1e-16)
    vars(look)["careful"] = look.ladder  # as if values close to one another shared their roundings, and looked quiet
    found = scatter_of_the_rungs(look, replace(sharp, uncertainty=0.1))
    assert abs(found.value - SLOPE) <= found.uncertainty
    assert 1e-10 < found.uncertainty < 1e-4


def test_scatter_of_the_rungs_is_silent():
    """Where they scatter by no more than was measured, of a ladder with few rungs, of what is sharp, and of a bend."""
    look, estimate = looked_at(with_noise(1e-10), np.array([SLOPE]), ONE, sigma=1e-10)
    assert scatter_of_the_rungs(look, replace(estimate, uncertainty=0.1)) is None
    look, estimate = looked_at(with_noise(1e-10), np.array([SLOPE]), ONE, sigma=1e-16)
    assert scatter_of_the_rungs(look, estimate) is None
    bent, estimate = looked_at(lambda x: float(np.exp(x[0])), np.array([math.e]), ONE, sigma=1e-16)
    assert scatter_of_the_rungs(bent, replace(estimate, uncertainty=0.1)) is None
    look, estimate = looked_at(with_noise(1e-10), np.array([SLOPE]), ONE, sigma=1e-16)
    assert scatter_of_the_rungs(look, replace(estimate, uncertainty=0.1, rungs=estimate.rungs[-6:])) is None
    assert scatter_of_the_rungs(*looked_at(lambda x: 3 * float(x[0]), np.array([2.0]), ONE)) is None
