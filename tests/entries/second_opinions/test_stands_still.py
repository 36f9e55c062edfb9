"""Where all that moves f is jumps, its slope is known as well as they leave it; a mask that is forgotten is none."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tested import looked_at, on_the_sine

from gradcheck import Verdict
from gradcheck._entries.look import Look
from gradcheck._entries.second_opinions import stands_still as module
from gradcheck._entries.second_opinions.stands_still import lost_in_one, over_the_jumps
from gradcheck._results.estimate import Estimate, Rung

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


FOUR = np.array([4.0])


def beside(monkeypatch, heights, rungs, flat=False, claim=1.0, noises=(0.0,), sigma=1e-12, largest=1.0):
    """Return what is said where f jumps by such heights; where jumps were sought, and the noise it is measured with."""
    look, _ = looked_at(lambda x: float(x.sum()), np.array([claim]), FOUR, sigma=sigma)
    look = replace(look, tested=replace(look.tested, standard=replace(look.tested.standard, largest=largest)))
    sought, left, windows = [], iter(heights), []

    def jump(_, __, t):
        sought.append(t)
        return next(left, 0.0)

    monkeypatch.setattr(module, "_jump", jump)
    monkeypatch.setattr(module, "window_noise", lambda _, t: windows.append(t) or max(noises))
    monkeypatch.setattr(Look, "remeasured", lambda _, ladder: ladder.sigma)
    found = over_the_jumps(look, Estimate(0.0, 0.25, 0.0, 0.0, flat=flat, rungs=rungs))
    return found, sought, windows


def rungs_of(*slopes):
    return tuple(Rung(4.0**-k, left, right, 0.0) for k, (left, right) in enumerate(slopes))


STILL = ((0.0, 0.0),) * 3


def test_jumps_are_sought_within_the_finest_step_that_moves_f(monkeypatch):
    """On either side; the higher of them, or what f scatters by among them, is the noise."""
    rungs = rungs_of((1.0, 1.0), (0.0, 1.0), *STILL)
    found, sought, windows = beside(monkeypatch, [0.125, 0.25], rungs)
    assert (found, sought) == (0.25, [0.25, -1.0])
    assert sorted(windows) == sorted(part * by for part in (0.5, 0.25) for by in (1.0, 0.67, 0.47))
    assert beside(monkeypatch, [0.125, 0.25], rungs, noises=(0.375, 0.1))[0] == 0.375
    assert beside(monkeypatch, [0.125, 0.25], rungs, sigma=0.3)[0] is None
    assert beside(monkeypatch, [], rungs)[0] is None
    assert beside(monkeypatch, [0.25], rungs, claim=0.0)[0] is None
    assert beside(monkeypatch, [0.25], rungs_of((1.0, 1.0), (0.0, 1.0), (0.0, 1.0)))[0] == 0.25
    assert beside(monkeypatch, [0.25], rungs_of((1.0, 1.0), (1.0, 0.0), (1.0, 0.0)))[0] == 0.25
    assert beside(monkeypatch, [0.25], rungs_of((1.0, 1.0), (0.0, 1.0), (1.0, 0.0)))[0] is None
    assert beside(monkeypatch, [0.25], rungs_of((0.0, 1.0), (0.0, 1.0), (0.0, 1.0)))[0] is None
    assert beside(monkeypatch, [0.25], rungs_of((1.0, 1.0), (np.nan, 1.0), *STILL))[1] == [0.25, -1.0]


@pytest.mark.parametrize(("value", "away", "asked"), [(1.0, 4.1, False), (1.0, 3.9, True), (0.9, 4.1, True)])
def test_a_slope_that_is_known_is_not_measured_again(value, away, asked, monkeypatch):
    """To a twentieth of itself, unless the claim is off by four uncertainties or less."""
    monkeypatch.setattr(module, "_jump", lambda *_: 0.25)
    monkeypatch.setattr(module, "window_noise", lambda *_: 0.0)
    monkeypatch.setattr(Look, "remeasured", lambda *_: "again")
    look, _ = looked_at(lambda x: float(x.sum()), np.array([value + away * 0.0499]), FOUR, sigma=1e-12)
    estimate = Estimate(value, 0.0499, value, value, rungs=rungs_of((1.0, 1.0), *STILL))
    assert (over_the_jumps(look, estimate) == "again") is asked


@pytest.mark.parametrize(("part", "jumps"), [(0.9, True), (1.1, False)])
@pytest.mark.parametrize(("slope", "largest"), [(1.0, 2.0), (-2.0, 1.0)])
def test_a_jump_of_a_tenth_of_what_f_rises_by_is_a_step_on_purpose(part, jumps, slope, largest, monkeypatch):
    """Over the scale, of the steepest slope or claim."""
    rungs = rungs_of((slope, slope), *STILL)
    found = beside(monkeypatch, [part * 0.1 * 4 * 2], rungs, largest=largest)[0]
    assert (found is not None) is jumps


def test_where_an_entry_does_not_move_f_jumps_are_sought_along_its_tensor(monkeypatch):
    """In three directions, from the scale on and from a fourth of it: what they are high leaves its slope unknown."""
    found, sought, _ = beside(monkeypatch, [0.0, 0.02], rungs_of(*STILL), flat=True)
    assert sought == [1.0, 0.25] * 3
    assert found.uncertainty == 0.25
    found, *_ = beside(monkeypatch, [0.0, 1.2], rungs_of(*STILL), flat=True, largest=4.0)
    assert found.uncertainty == pytest.approx(1.2 / 4)


@pytest.mark.parametrize(("t", "side"), [(0.5, 1), (-0.25, -1)])
def test_a_jump_is_sought_on_the_side_of_a_place(t, side, monkeypatch):
    """Within as far as it is; it may be as high as any that is more than rounding."""
    asked = []
    monkeypatch.setattr(module, "highest_jump", lambda *given: asked.append(given) or 0.5)
    look, _ = looked_at(lambda x: float(x.sum()), np.ones(1), FOUR, sigma=1e-12)
    assert module._jump(look, look.ladder.line, t) == 0.5
    ((line, found, floor, finest),) = asked
    assert (found.step, found.side, found.slope, found.scatter) == (abs(t), side, 0.0, 0.0)
    assert (line, floor, finest) == (look.ladder.line, look.tested.subject.rounding(), look.ladder.finest)


def absorbed(x):
    return float(np.log(1 + x @ x))


def test_lost_in_one_speaks():
    """Whatever is claimed of so little, right or wrong, is left open."""
    x = np.array([1e-9, 2e-9])
    for claim in (2 * x, -5 * x):
        look, flat = looked_at(absorbed, claim, x)
        assert look.accuses(flat)
        assert not look.accuses(lost_in_one(look, flat))


def test_lost_in_one_is_silent():
    """Of a claim that would show, of what moves, of a larger value, and where another tensor moves f by less."""
    x = np.array([1e-9, 2e-9])
    assert lost_in_one(*looked_at(absorbed, np.array([1.0, 1.0]), x)) is None
    assert lost_in_one(*looked_at(absorbed, 2e5 * x, 1e5 * x)) is None
    assert lost_in_one(*looked_at(lambda x: 1e-3 + absorbed(x), 2 * x, x)) is None
    assert lost_in_one(*looked_at(lambda x: 1e-21 * float(x[1]), 1e-23 * x, x)) is None
