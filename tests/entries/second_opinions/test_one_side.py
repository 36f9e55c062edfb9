"""Where one side alone accuses, or the middle beside a kink does, both are heard with what a kink may hide."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tested import ONE, SLOPE, looked_at, on_the_sine, sine

from gradcheck._entries.second_opinions import one_side as module
from gradcheck._entries.second_opinions.one_side import both_sides
from gradcheck._results.estimate import Estimate, Rung


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


@pytest.mark.parametrize(
    ("gaps", "noise", "hidden"),
    [
        ([0.64, 0.16, 0.04], 0.0, [0, 0, 0]),
        ([0.64, 0.16, 0.05], 0.0, [0, 0, 0.01]),
        ([0.64, 0.16, 0.04 * (1 + 0.9 / 64)], 0.0, [0, 0, 0]),
        ([0.64, 0.16, 0.04 * (1 + 1.5 / 64)], 0.0, [0, 0, 0.04 * 1.5 / 64]),
        ([0.64, 0.26, 0.04], 0.0, [0.4, 0.1, 0.025]),
        ([0.64, 0.26, 0.04], 0.11, [0.4, 0, 0]),
        ([-0.64, -0.26, -0.04], 0.0, [0.4, 0.1, 0.025]),
    ],
)
def test_what_a_kink_within_a_step_hides_is_what_does_not_close(gaps, noise, hidden):
    """To a fourth of the gap before, or to a 64th of itself; the first is held against the second."""
    found = module._hidden(np.array(gaps), np.full(3, noise))
    assert found == pytest.approx(np.array(hidden), abs=1e-12)


def test_the_middle_of_both_sides_is_off_by_the_square_of_the_step():
    """A quarter of the step leaves a sixteenth of that: f is as smooth on either side as any."""
    rungs = tuple(Rung(4.0**-k, c - 0.01, c + 0.01, 1e-12) for k in range(4) for c in (1.0 + 0.3 * 16.0**-k,))
    look, _ = on_the_sine(claim=1.0)
    found = both_sides(look, Estimate(1.01, 1e-3, 0.99, 1.01, rungs=rungs, scale=1.0, last=3))
    assert found.value == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize(
    ("value", "left", "right", "is_alone"),
    [(1.0, 1.0, 2.0, True), (2.0, 1.0, 2.0, True), (1.5, 1.0, 2.0, False), (1.0, 1.0, 1.0, False)],
)
def test_an_estimate_of_one_side_alone(value, left, right, is_alone):
    """Where the sides differ."""
    assert module.alone(Estimate(value, 0.1, left, right)) is is_alone


def test_both_sides_are_asked_where_one_was_believed_or_a_little_more_would_do():
    """Not at a kink that is known, nor where nothing stands out of the noise; the noise of a gap is that of two."""
    rungs = tuple(Rung(4.0**-k, 1.0 - 0.01 * 4.0**-k, 1.0 + 0.01 * 4.0**-k, 1e-3) for k in range(6))
    look, _ = on_the_sine(claim=1.0)
    smooth = Estimate(1.0, 1e-3, 1.0, 1.0, rungs=rungs, scale=1.0, last=5)
    assert both_sides(look, smooth) is None
    assert both_sides(look, replace(smooth, left=1.0, right=1.001)) is not None
    assert both_sides(look, replace(smooth, left=1.0, right=1.001, kink=True)) is None
    for part, seen in ((1.3, False), (1.6, True)):
        bent = replace(rungs[5], right=rungs[5].left + part * 1e-3 + 0.02 * 4.0**-5)
        assert (both_sides(look, replace(smooth, rungs=(*rungs[:5], bent))) is not None) is seen
    far, _ = on_the_sine(claim=9.0)
    assert both_sides(far, replace(smooth, rungs=(*rungs[:5], bent))) is None
