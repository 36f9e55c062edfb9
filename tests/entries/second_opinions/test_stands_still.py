"""Where all that moves f is jumps, its slope is known as well as they leave it; a mask that is forgotten is none."""

from __future__ import annotations

import math

import numpy as np
from tested import looked_at, on_the_sine

from gradcheck import Verdict
from gradcheck._entries.second_opinions.stands_still import over_the_jumps

HERE = np.array([1.0])


def rounded(x):
    return round(2.0**9 * math.sin(float(x[0]))) / 2**9


def test_over_the_jumps_speaks():
    """The slope over the jumps is measured with their noise; what is off by more stays wrong."""
    look, misled = looked_at(rounded, np.array([math.cos(1.0)]), HERE, sigma=1e-16)
    assert (look.tested.judge(0, misled), misled.value) == (Verdict.WRONG, 0.0)
    found = over_the_jumps(look, misled)
    assert abs(found.value - look.claim) <= found.uncertainty < 0.1
    wrong, misled = looked_at(rounded, np.array([-1.0]), HERE, sigma=1e-16)
    assert wrong.accuses(over_the_jumps(wrong, misled))


def test_over_the_jumps_is_silent():
    """Of what is smooth, of a claim of zero, of what rises further away without a jump, and of steps on purpose."""
    assert over_the_jumps(*on_the_sine()) is None
    assert over_the_jumps(*looked_at(rounded, np.array([0.0]), HERE, sigma=1e-16)) is None
    assert over_the_jumps(*looked_at(lambda x: max(0.0, x[0] - 1.01), np.array([1.0]), HERE)) is None
    assert over_the_jumps(*looked_at(lambda x: round(2 * float(x[0])) / 2, np.array([1.0]), HERE)) is None


def test_an_entry_that_moves_nothing_is_known_no_better_than_the_others_jump():
    """Those of its tensor do, along random directions; an f that stands still all over has no jumps."""
    claims, x = np.array([1e-4, 1.0]), np.array([1.0, 1.0])
    look, flat = looked_at(lambda x: rounded(x[1:]), claims, x, sigma=1e-16)
    assert flat.flat
    assert over_the_jumps(look, flat).uncertainty > 1e-4
    assert over_the_jumps(*looked_at(lambda _: 1.0, claims, x)) is None
