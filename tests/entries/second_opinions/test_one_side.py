"""Where one side alone accuses, or the middle beside a kink does, both are heard with what a kink may hide."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tested import ONE, SLOPE, looked_at, on_the_sine, sine

from gradcheck._entries.second_opinions.one_side import both_sides


def beside(x, where=1.002):
    return float(np.float32(3 + sine(x) + 0.3 * max(float(x[0]) - where, 0.0)))


def test_both_sides_speaks():
    """Of a kink two thousandths away in single precision: nobody sees on which side of the point it is."""
    look, estimate = looked_at(beside, np.array([SLOPE]), ONE)
    alone = replace(estimate, value=SLOPE - 0.1, left=SLOPE - 0.1, right=SLOPE + 0.1, uncertainty=1e-3)
    assert look.accuses(alone)
    found = both_sides(look, alone)
    assert abs(found.value - SLOPE) <= found.uncertainty
    assert not look.accuses(found)


def test_both_sides_is_silent():
    """Where the sides meet, at a kink, where both accuse as well, and outside of the domain."""
    look, estimate = on_the_sine(claim=2 * SLOPE)
    assert both_sides(look, estimate) is None
    alone = replace(estimate, left=estimate.value, right=estimate.value + 1e-3)
    assert both_sides(look, replace(alone, kink=True)) is None
    assert both_sides(look, alone) is None
    outside = tuple(replace(rung, left=np.nan) for rung in estimate.rungs)
    assert both_sides(look, replace(alone, rungs=outside, left=np.nan)) is None
