"""What was taken for noise is a wave if it is smooth from nearer, and goes on without a jump."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tested import ONE, looked_at, on_the_sine, with_noise

from gradcheck._entries.second_opinions import waves as module
from gradcheck._entries.second_opinions.nearer import Nearer
from gradcheck._entries.second_opinions.waves import on_a_wave
from gradcheck._results.estimate import Estimate


def wave(x):
    return float(np.sum(np.sin(1e9 * x) / 1e9 + x))


@pytest.mark.parametrize("part", [1.0, 0.5])
def test_on_a_wave_speaks(part):
    """Of a claim that is right, and of one that is wrong as well: what is measured there is the slope."""
    truth = 1 + math.cos(1e9)
    look, misled = looked_at(wave, np.array([1 + part * math.cos(1e9)]), ONE)
    assert abs(misled.value - 1) <= misled.uncertainty < 1e-6
    found = on_a_wave(look, misled)
    assert abs(found.value - truth) <= found.uncertainty < 1e-3
    assert look.accuses(found) is (part != 1)


def test_on_a_wave_is_silent():
    """Where f is as quiet as its rounding, the noise is one from nearer as well, or a part of f stands on stairs."""
    assert on_a_wave(*on_the_sine(claim=1.0)) is None
    look, misled = looked_at(with_noise(1e-7), np.array([1.0]), ONE, sigma=1e-7)
    assert on_a_wave(look, misled) is None
    look, misled = looked_at(lambda x: float(x[0] + np.float32(np.tanh(x[0]))), np.array([1.0]), ONE)
    assert abs(misled.value - 1) > 0.3
    assert on_a_wave(look, misled) is None


FOUR = np.array([4.0])


def waved(monkeypatch, claim, value, near, *, denies=True, jumps=False, stairs=0.0):
    """Return what is said where this is seen nearby, and from how far away it was looked for."""
    look, _ = looked_at(lambda x: float(x.sum()), np.array([claim]), FOUR, sigma=1e-6)
    look.tested.experience.stairs = stairs
    aways, falls = [], []
    found = None if near is None else Nearer(look.ladder, near, denies)
    monkeypatch.setattr(module, "from_where_it_shows", lambda *given: aways.append(given[-1]) or found)
    monkeypatch.setattr(module, "stairs_beneath", lambda _, fall, *__: falls.append(fall) or jumps)
    return on_a_wave(look, Estimate(value, 1e-3, value, value)), aways, falls


def test_a_wave_is_followed_from_where_the_claim_shows():
    """Or from where its whole slope does, if the two hardly differ."""
    near = Estimate(5.0, 0.1, 5.0, 5.0)
    for claim, value, away in (
        (3.0, 1.0, 2.0),
        (1.0, 3.0, 2.0),
        (1.04, 1.0, 1.04),
        (-1.0, -1.04, 1.04),
        (1.0, 0.94, 0.06),
    ):
        with pytest.MonkeyPatch.context() as patch:
            assert waved(patch, claim, value, near)[1] == [pytest.approx(away)]


@pytest.mark.parametrize(("uncertainty", "told"), [(0.49, True), (0.51, False)])
def test_what_is_seen_on_a_wave_must_be_clear_of_the_claim(uncertainty, told, monkeypatch):
    """By four times what is unknown of it; it must deny what usual steps show, and f goes on from there."""
    near = Estimate(5.0, uncertainty, 5.0, 5.0)
    found, _, falls = waved(monkeypatch, 3.0, 1.0, near)
    assert found == (near if told else None)
    if told:
        assert [(fall.step, fall.slope, fall.side) for fall in falls] == [
            (by * 1.0, 5.0, side) for by in (1.0, 8.0, 64.0) for side in (1, -1)
        ]
        assert waved(monkeypatch, 3.0, 1.0, near, denies=False)[0] is None
        assert waved(monkeypatch, 3.0, 1.0, near, jumps=True)[0] is None
        assert waved(monkeypatch, 3.0, 1.0, near, stairs=1e-9)[:2] == (None, [])
    assert waved(monkeypatch, 3.0, 1.0, None)[0] is None
