"""Stairs of which zero is claimed are stairs, and nothing else is."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from tested import looked_at, on_the_sine

from gradcheck import Verdict
from gradcheck._entries.second_opinions.stairs import stairs


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
