"""What stands on stairs under a slope is measured with their noise."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tested import ONE, looked_at, on_the_sine

from gradcheck._entries.look import Look
from gradcheck._entries.second_opinions import stairs_beneath as module
from gradcheck._entries.second_opinions.stairs_beneath import stairs_beneath_a_slope
from gradcheck._measure.plateaus import Fall
from gradcheck._results.estimate import Estimate, Rung


def gated(x):
    return float(np.sum(x * (1 / (1 + np.exp(-x.astype(np.float32)))).astype(np.float64)))


def test_stairs_beneath_a_slope_speaks():
    """Where a factor is of single precision: the ladder is certain of the slope that the other factor has alone."""
    x = np.array([0.6404226504432821])
    s = 1 / (1 + math.exp(-x[0]))
    look, misled = looked_at(gated, np.array([1.0]), x, sigma=1e-16)
    found = stairs_beneath_a_slope(look, misled)
    truth = s + x[0] * s * (1 - s)
    assert abs(misled.value - s) <= misled.uncertainty < 1e-6
    assert abs(found.value - truth) <= found.uncertainty < 1e-4
    assert look.tested.experience.stairs > 0


def test_stairs_beneath_a_slope_is_silent():
    """Where f is smooth, where it jumps by much, and where its stairs are wider than those of any precision."""
    look, estimate = on_the_sine(sigma=1e-16)
    assert stairs_beneath_a_slope(look, estimate) is None
    for f in (lambda x: float(np.sum(np.where(x >= 1, x + 1, x))), lambda x: float(np.sum(x + np.floor(4 * x + 0.1)))):
        look, estimate = looked_at(f, ONE, ONE, sigma=1e-16)
        assert stairs_beneath_a_slope(look, estimate) is None
    assert look.tested.experience.stairs == 0


FOUR = np.array([4.0])
FALLEN = Fall(0.5, 1.0, 0.25)


def beneath(
    monkeypatch, *, found=None, sigma=0.0, second=None, accused=False, rungs=((1.0, 1.0),) * 3, noise=1e-3, **fields
):
    """Return what is said where slopes fall so, and stairs are so high; what was learnt, and with which noise."""
    look, _ = looked_at(lambda x: float(x.sum()), np.array([1.0]), fields.pop("x", FOUR), sigma=noise)
    for name in ("smooth", "rounded", "stairs"):
        if name in fields:
            setattr(look.tested.experience, name, fields.pop(name))
    step = fields.pop("step", 0.25)
    made = tuple(Rung(step * 4.0**-k, left, right, 0.0) for k, (left, right) in enumerate(rungs))
    estimate = Estimate(**{"value": 1.0, "uncertainty": 0.5, "left": 1.0, "right": 1.0, "rungs": made} | fields)
    noises, quiet = [], []
    second = second or Estimate(3.0, 1e-6, 3.0, 3.0)
    with monkeypatch.context() as patch:
        patch.setattr(module, "fall", lambda _, quietest: quiet.append(quietest) or found)
        patch.setattr(module, "edge", lambda _: sigma)
        patch.setattr(module, "stair", lambda _, __, scatter, ___: quiet.append(scatter) or sigma)
        patch.setattr(module, "flight", lambda _, __, sigma: 2 * sigma)
        patch.setattr(Look, "accuses", lambda *_: accused)
        patch.setattr(Look, "sharpened", lambda _, estimate: estimate)
        patch.setattr(module.derivative, "estimate", lambda ladder: noises.append(ladder.sigma) or second)
        return stairs_beneath_a_slope(look, estimate), look.tested.experience, noises, quiet


THIRD = Estimate(3.0, 1e-6, 3.0, 3.0)


def test_a_slope_on_stairs_is_measured_with_the_noise_of_their_flight(monkeypatch):
    """From then on it is that of all entries, if it is sharp; else its stairs were seen beneath a slope."""
    found, learnt, noises, quiet = beneath(monkeypatch, found=FALLEN, sigma=0.01)
    assert (found, noises) == (THIRD, [0.02])
    assert (learnt.stairs, learnt.smooth, learnt.rounded) == (0.02, 0, False)
    assert quiet[1] == 1e-3
    vague = Estimate(3.0, 1e-4, 3.0, 3.0)
    assert beneath(monkeypatch, found=FALLEN, sigma=0.01, second=vague)[1].rounded
    assert not beneath(monkeypatch, found=None, sigma=0.01, second=vague, jump=True)[1].rounded
    none = beneath(monkeypatch, found=FALLEN, sigma=0.0, stairs=0.005)
    assert none[0] is None
    assert (none[1].smooth, none[1].stairs) == (1, 0.005)


@pytest.mark.parametrize(("part", "stairs"), [(0.9, True), (1.1, False)])
@pytest.mark.parametrize("slope", [3.0, -5.0])
def test_steps_that_are_higher_than_any_from_rounding_are_meant(part, stairs, slope, monkeypatch):
    """Of what f, or the rounded part of it, rises by over the scale the last of eight digits, and a quarter more."""
    highest = 5 / 4 * 2.0**-7 * 4 * max(abs(slope), abs(slope - FALLEN.slope))
    rungs = ((slope, slope), (1.0, 1.0), (1.0, 1.0))
    found = beneath(monkeypatch, found=FALLEN, sigma=part * highest, rungs=rungs)[0]
    assert (found is not None) is stairs


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ({}, True),
        ({"smooth": 3}, True),
        ({"smooth": 4}, False),
        ({"rounded": True}, False),
        ({"rounded": True, "accused": True}, True),
        ({"x": np.array([0.01]), "step": 0.25}, False),
        ({"x": np.array([0.016]), "step": 0.25}, True),
    ],
)
def test_stairs_are_asked_for_until_several_entries_had_none(fields, asked, monkeypatch):
    """Where a step is as small as the entry; where some were seen beneath a slope, of an accused one alone."""
    low = replace(FALLEN, step=1e-3)
    assert bool(beneath(monkeypatch, found=low, sigma=1e-4, noise=1e-5, **fields)[2]) is asked


@pytest.mark.parametrize(("step", "asked"), [(0.9, True), (1.1, False)])
def test_a_fall_further_up_than_the_ladder_begins_is_none(step, asked, monkeypatch):
    """Where f stands still at the finest steps, from a sixteenth of the scale on; a jump is looked at all the same."""
    high = replace(FALLEN, step=step)
    assert bool(beneath(monkeypatch, found=high, sigma=1e-3)[2]) is asked
    assert beneath(monkeypatch, found=high, sigma=1e-3, jump=True)[2]
    still = ((1.0, 1.0), (0.0, 0.0), (0.0, 0.0))
    near = replace(FALLEN, step=step * 0.25)
    assert (beneath(monkeypatch, found=near, sigma=1e-4, noise=1e-5, rungs=still)[2] == [2e-4]) is asked


@pytest.mark.parametrize(("moving", "asked"), [(2, False), (3, True)])
def test_what_slopes_scatter_by_is_the_noise_of_a_flight(moving, asked, monkeypatch):
    """Of three rungs that move or more: the median change times the step, over 0.7; if it is more than is known."""
    slopes = [*(1.0, 1.5, 1.25)[:moving], 0.0, 0.0]
    rungs = tuple((slope, slope) for slope in slopes)
    _, _, noises, _ = beneath(monkeypatch, rungs=rungs)
    scatter = np.median([0.5 / 16, 0.25 / 64])
    assert noises == ([pytest.approx(1.4 * scatter)] if asked else [])
    assert beneath(monkeypatch, rungs=rungs, noise=0.03)[2] == []


def second_with(monkeypatch, uncertainty, second):
    """Return what is said with the noise of several stairs, and with which noises it was tried."""
    look, _ = looked_at(lambda x: float(x.sum()), np.array([1.0]), FOUR, sigma=1e-3)
    noises, left = [], iter([Estimate(2.0, 0.9, 2.0, 2.0), second, Estimate(2.0, 0.8, 2.0, 2.0), second])
    with monkeypatch.context() as patch:
        patch.setattr(module.derivative, "estimate", lambda ladder: noises.append(ladder.sigma) or next(left))
        found = module._noisier(look, Estimate(0.5, uncertainty, 0.5, 0.5))
    return found, noises


@pytest.mark.parametrize(
    ("uncertainty", "value", "known", "taken"),
    [
        (0.5, 2.0, 0.09, True),
        (0.5, 2.0, 0.11, False),  # a mean over jumps, perhaps
        (0.5, -2.0, 0.09, True),
        (0.19, 2.0, 0.09, True),
        (0.17, 2.0, 0.09, False),  # it tells hardly more
    ],
)
def test_several_stairs_are_tried_and_what_tells_most_is_taken(uncertainty, value, known, taken, monkeypatch):
    """4, 16, 64 and 256 times one; it must know twice as much, and a twentieth."""
    second = Estimate(value, known, value, value)
    found, noises = second_with(monkeypatch, uncertainty, second)
    assert noises == pytest.approx([4e-3, 16e-3, 64e-3, 256e-3])
    assert found == (second if taken else None)
    assert second_with(monkeypatch, 3.9e-6, second) == (None, [])
    assert second_with(monkeypatch, 4.1e-6, second)[1] != []
