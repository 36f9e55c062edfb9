"""Stairs of which zero is claimed are stairs, and nothing else is."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from tested import looked_at, on_the_sine

from gradcheck import Verdict
from gradcheck._entries.second_opinions.stairs import even_stairs, stairs


def flight(x):
    return math.floor(float(x[0]) * 2**16) / 2**16


ON_A_STAIR = np.array([1 + 2.0**-18])


def test_stairs_speaks():
    """A function that climbs in steps of 2^-16, of which zero is claimed: every stair is level."""
    look, estimate = looked_at(flight, np.array([0.0]), ON_A_STAIR)
    found = stairs(look, estimate)
    assert found == replace(estimate, stairs=True)
    assert look.tested.judge(0, found) is Verdict.UNDECIDED


def test_stairs_is_silent():
    """Where something else is claimed, and where a zero is claimed of what does not stand still."""
    assert stairs(*looked_at(flight, np.array([2.0]), ON_A_STAIR)) is None
    assert stairs(*on_the_sine(claim=0.0)) is None


def rounded(x):
    return round(2.0**17 * math.sin(float(x[0]))) / 2**17


def test_even_stairs_speaks():
    """Between two edges a rounded function stands still, and further away it rises by whole stairs."""
    look, misled = looked_at(rounded, np.array([math.cos(1.0)]), np.array([1.0]), sigma=1e-16)
    found = even_stairs(look, misled)
    assert abs(found.value - look.claim) <= found.uncertainty < 0.01
    assert look.tested.judge(0, replace(misled, uncertainty=1e-9)) is Verdict.WRONG


def test_even_stairs_is_silent():
    """Where nothing, or zero, is claimed of stairs, where they are of all heights, and of what is smooth."""
    assert even_stairs(*looked_at(rounded, np.array([0.0]), np.array([1.0]), sigma=1e-16)) is None
    assert even_stairs(*on_the_sine()) is None
    assert even_stairs(*looked_at(lambda _: 1.0, np.array([1.0]), np.array([1.0]))) is None
    uneven = looked_at(lambda x: rounded(x) + 0.37 * rounded(7 * x), np.array([4.0]), np.array([1.0]), sigma=1e-16)
    assert even_stairs(*uneven) is None
