"""Slopes that grow without end are told from those that only grow for long."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradcheck._measure import infinite as subject
from gradcheck._measure.extrapolate import RATIO
from gradcheck._measure.infinite import furthest, infinite

STEPS = 0.25 * RATIO ** -np.arange(24.0)
NOISE = 1e-16 / STEPS


def shown(slope):
    """Return what the slopes of a side show, with the last digits of f in them."""
    jitter = NOISE * np.random.default_rng(0).uniform(-0.5, 0.5, len(STEPS))
    return infinite(slope(STEPS) + jitter, NOISE)


@pytest.mark.parametrize("power", [0.1, 1 / 3, 0.5, 0.9])
def test_a_power_below_one_has_an_infinite_slope(power):
    """Of either sign, whatever finite slope it stands beside."""
    assert shown(lambda h: h ** (power - 1)) == math.inf
    assert shown(lambda h: 100 - h ** (power - 1)) == -math.inf


def test_so_has_a_logarithm():
    """Its slopes grow by the same from rung to rung, and faster with its square."""
    assert shown(np.log) == -math.inf
    assert shown(lambda h: np.log(h) ** 2) == math.inf
    assert shown(lambda h: 1000 + np.log(h)) == -math.inf


@pytest.mark.parametrize(
    "slope",
    [
        lambda h: h**0.05,
        lambda h: h * np.log(h),
        lambda h: 1 / np.sqrt(h + 1e-9),
        lambda h: np.log(h + 1e-9),
        lambda h: np.cos(1e5 * h),
        lambda h: 1 / h,
        lambda h: 0 * h + 3,
    ],
    ids=["power above one", "h log h", "smoothed root", "smoothed logarithm", "oscillation", "jump", "line"],
)
def test_what_slows_down_or_jumps_is_not_infinite(slope):
    """However long it grew, finer steps show that it ends; a jump is something else."""
    assert shown(slope) == 0


def test_what_no_step_tells_from_infinite_is_taken_for_it():
    """A root that is smoothed below all steps; with noise from the fourth rung on nothing is known."""
    assert shown(lambda h: 1 / np.sqrt(h + 1e-25)) == math.inf
    assert infinite(1 / np.sqrt(STEPS), np.where(STEPS < 1e-2, 1e9, 1e-9)) == 0


def test_few_slopes_show_nothing():
    """Six growths are asked for: with three, x^0.05 looks like a logarithm, and float32 shows hardly seven."""
    rungs = subject.GROWTHS
    assert 4 < rungs < 8
    assert infinite(np.log(STEPS)[:rungs], NOISE[:rungs]) == 0
    assert infinite(np.log(STEPS)[: rungs + 1], NOISE[: rungs + 1]) == -math.inf
    assert infinite(np.where(STEPS > 1e-3, np.nan, np.log(STEPS)), NOISE) == -math.inf


def test_a_growth_must_be_clear():
    """Six bounds of its noise: from two on, the growth of x^0.05 might be as steady as that of a logarithm."""
    for noise, seen in ((1 / 5.5 / 2, 0.0), (1 / 6.5 / 2, -math.inf)):
        assert infinite(np.log(STEPS) / math.log(RATIO), np.full(len(STEPS), noise)) == seen


def test_no_slope_lies_beyond_what_the_smallest_step_would_show():
    """By a law of its own: 1e160 or so for a root, some hundreds for a logarithm, give or take the twentieth."""
    assert 1e154 < furthest(0.5 / np.sqrt(STEPS), NOISE, STEPS) < 1e200
    assert -1e20 < furthest(np.log(STEPS), NOISE, STEPS) < -700


LAST = 1e-16  # relative to f: its noise, which grows in the slope as the step falls
SLOPES = {
    "log": np.log,
    "log^2": lambda h: np.log(h) ** 2,
    "root of log": lambda h: np.sqrt(-np.log(h)),
    "h^0.01": lambda h: h**0.01,
    "1 / h": lambda h: 1 / h,
}


@pytest.mark.parametrize(
    ("name", "first", "rungs", "noise", "jitter", "end"),
    [
        ("root of log", 0, 24, 1e-16 / STEPS, 0.0, math.inf),  # grows ever more slowly, but grows to the last rung
        ("root of log", 0, 24, 1e-13 / STEPS, 0.0, 0.0),  # the same where noise hides the last rungs
        ("h^0.01", 0, 7, 1e-3 + 0 * STEPS, 0.0, -math.inf),  # what six growths cannot tell from a logarithm
        ("h^0.01", 2, 12, 1e-3 + 0 * STEPS, 0.5, 0.0),  # more can
        ("log^2", 0, 7, 0.2 + 0 * STEPS, 0.5, 0.0),  # a growth that the noise may have made
        ("log^2", 2, 7, 1e-16 / STEPS, 0.5, math.inf),
        ("log", 0, 6, 1e-16 / STEPS, 0.0, 0.0),  # five growths are none
        ("1 / h", 0, 7, 1e-16 / STEPS, 0.0, 0.0),  # a jump
    ],
)
def test_how_steadily_slopes_must_grow(name, first, rungs, noise, jitter, end):
    """To the last rung that is seen, by a growth that does not fall, as far as the noise lets that be told."""
    few, drawn = slice(first, first + rungs), np.random.default_rng(1).uniform(-1, 1, rungs)
    assert infinite(SLOPES[name](STEPS[few]) + jitter * noise[:rungs] * drawn, noise[:rungs]) == end


def test_one_slope_that_is_hardly_known_leaves_no_growth_on_either_side_of_it():
    """A growth has the noise of both of its slopes; beside a finer rung that would show more, it has ended."""
    log, noise = np.log(STEPS[:8]), np.full(8, 1e-9)
    noise[1] = 0.4
    assert infinite(log, noise) == 0
    log, noise = np.log(STEPS[:14]), np.full(14, 0.1)
    log[12] -= 0.2
    assert infinite(log, noise) == 0


def test_what_would_be_reached_goes_on_from_the_last_slope():
    """By the last growth, for as many rungs as are left to the smallest number, times the ratio of two growths."""
    steps = STEPS[:7] * 2.0**-1040
    assert furthest(-(steps ** (-1 / 3)), np.zeros(7), steps) == pytest.approx(-3.5448e108, rel=1e-3)
