"""Stairs of which zero is claimed are stairs, and nothing else is."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from tested import looked_at, on_the_sine

from gradcheck import Verdict
from gradcheck._entries.second_opinions.stairs import stairs
from gradcheck._results.estimate import Estimate, Rung


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


FOUR = np.array([4.0])


def staircase(rise, near=0.0, far=0.0, slopes=((0.0, 1.0),), claim=0.0):
    """Return what is said of f that rises by so much within a part of a stair, and by so much in the steps."""
    look, _ = looked_at(lambda x: 1.0, np.array([claim]), FOUR, sigma=1e-300)
    unit, width = look.tested.subject.rounding(), 2.0**-17 * 4
    rungs = tuple(Rung(0.25, left * rise * unit / 0.25, right * rise * unit / 0.25, 0.0) for left, right in slopes)
    asked = []

    def line(t):
        asked.append(abs(t))
        return t, near if abs(t) < width / 2 else far * (t > 0)

    look = replace(look, ladder=replace(look.ladder, line=line))
    found = stairs(look, Estimate(0.0, 0.0, 0.0, 0.0, rungs=rungs))
    assert found is None or found.stairs
    return found is not None, asked


def test_a_staircase_stands_still_as_far_as_no_rounding_makes_it():
    """Nearby on both sides, and on one of them a stair's width away; then it rises by a thousand roundings of f."""
    climbs, asked = staircase(1100.0)
    assert climbs
    assert sorted({*asked}) == [4 * 2.0**-34, 4 * 2.0**-17]
    assert not staircase(900.0)[0]
    assert staircase(1100.0, slopes=((0.0, -1.0), (5.0, 0.0)))[0]
    assert not staircase(1100.0, slopes=((0.0, 0.5), (5.0, 0.0)))[0]
    assert not staircase(1100.0, slopes=((0.0, 0.0),))[0]
    assert not staircase(1100.0, near=1e-9)[0]
    assert staircase(1100.0, far=1e-9)[0]
    assert not staircase(1100.0, claim=1.0)[0]
    both = looked_at(lambda x: 1.0, np.zeros(1), FOUR, sigma=1e-300)[0]
    moving = replace(both, ladder=replace(both.ladder, line=lambda t: (t, 1e-9 * (abs(t) > 1e-6))))
    assert stairs(moving, Estimate(0.0, 0.0, 0.0, 0.0, rungs=(Rung(0.25, 0.0, 1.0, 0.0),))) is None
