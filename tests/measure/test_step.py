"""Steps are those really taken, on a ladder that goes down by a factor and asks for nothing twice."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lines import slopes_of

from gradcheck._measure.step import Ladder


@given(st.floats(1e-3, 1e3), st.sampled_from([np.float64, np.float32]))
def test_steps_are_those_really_taken(x, dtype):
    """Where x + h is rounded, the slope of f(x) = x is 1 still, to the last digit, on every rung."""

    def line(t):
        here, moved = dtype(x), dtype(dtype(x) + dtype(t))
        return float(moved) - float(here), float(moved) - float(here)

    slopes = Ladder(line, x, 0.0).climb(0, 15)
    taken = slopes.step > 0
    assert taken[:8].all()
    assert (slopes.central[taken] == 1).all()
    assert np.isnan(slopes.central[~taken]).all()


def test_no_rung_is_asked_twice():
    """Values are kept: climbing again over the same rungs costs nothing."""
    asked = []

    def line(t):
        asked.append(t)
        return t, t * t

    ladder = Ladder(line, 1.0, 1e-16)
    ladder.climb(0, 3)
    ladder.climb(1, 4)
    assert len(asked) == len(set(asked)) == ladder.evaluations == 10


def test_the_ladder_goes_down_by_a_factor():
    """From a quarter of the scale; every step is a power of two, and slopes come the coarsest first."""
    slopes = slopes_of(math.sin, 0.0, first=-1, last=3)
    assert slopes.step.tolist() == [1.0, 0.25, 0.25 / 4, 0.25 / 16, 0.25 / 64]
    assert slopes.right == pytest.approx([math.sin(h) / h for h in slopes.step])


def test_other_steps_are_all_of_the_same_part_of_these():
    """So none of them is among these, and a noisier ladder has the same steps and values."""
    ladder = Ladder(lambda t: (t, t * t), 1.0, 1e-16)
    for by in (0.7, 1.0 / 3):  # the one in whose place its reciprocal would stand is another
        other = ladder.at_other_steps(by)
        assert [other.step(k) for k in (0, 3)] == pytest.approx([by * ladder.step(k) for k in (0, 3)], rel=1e-15)
    ladder.climb(0, 3)
    assert other.evaluations == 0
    noisier = ladder.with_noise(1e-3)
    assert noisier.sigma == 1e-3
    assert noisier.climb(0, 3).step.tolist() == ladder.climb(0, 3).step.tolist()
    assert noisier.evaluations == ladder.evaluations == 8


def test_no_step_is_finer_than_sixty_four_roundings_of_the_scale():
    """Where the entry says no more of it."""
    assert Ladder(lambda t: (t, t), 3.0, 0.0).finest == 3 * 64 * 2.0**-52
    assert Ladder(lambda t: (t, t), 3.0, 0.0, finest=1e-9).finest == 1e-9
