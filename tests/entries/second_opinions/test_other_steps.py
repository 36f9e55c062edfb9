"""Other steps are taken before an accusation, and short ladders before an acquittal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tested import ONE, SLOPE, looked_at, on_the_sine, sine

from gradcheck._entries.second_opinions.other_steps import below_the_kink, other_steps
from gradcheck._measure.extrapolate import RATIO


def test_other_steps_speaks():
    """Against an estimate that is off by two of its uncertainties, by chance."""
    look, right = on_the_sine()
    chance = replace(right, value=SLOPE + 2e-5, uncertainty=1e-5)
    assert look.accuses(chance)
    found = other_steps(look, chance)
    assert abs(found.value - SLOPE) <= found.uncertainty < 1e-8
    assert not look.accuses(found)


def test_other_steps_is_silent():
    """Where the margin is not narrow, or the other steps say the same."""
    look, right = on_the_sine()
    assert other_steps(look, replace(right, value=SLOPE + 2e-5, uncertainty=1e-7)) is None
    look, estimate = on_the_sine(claim=SLOPE + 2e-5)
    assert other_steps(look, replace(estimate, uncertainty=1e-5)) is None


def test_other_steps_lie_between_those_of_the_ladder():
    """None is one of them, for it would say the same again, or larger than all: a kink may be there."""
    places = []
    look, right = looked_at(lambda x: places.append(abs(float(x[0]) - 1)) or sine(x), np.array([SLOPE]), ONE)
    places.clear()
    assert other_steps(look, replace(right, value=SLOPE + 2e-5, uncertainty=1e-5)) is not None
    rungs = np.log(look.ladder.top / np.array(places)) / np.log(RATIO)
    assert len(places) >= 16
    assert rungs.min() > 0
    assert (np.abs(rungs - np.round(rungs)) > 0.1).all()


def bent(x, where=1.001):
    return sine(x) + 0.1 * max(float(x[0]) - where, 0.0)


def test_below_the_kink_speaks():
    """A kink a thousandth away blunts the whole ladder; short ones below it show an error of one part in 10^4."""
    look, _ = looked_at(bent, np.array([SLOPE * 1.0001]), ONE, first=7)
    blunt = replace(on_the_sine()[1], uncertainty=1e-3)
    assert not look.accuses(blunt)
    found = below_the_kink(look, blunt)
    assert abs(found.value - SLOPE) <= found.uncertainty < 1e-6
    assert look.accuses(found)


def test_below_the_kink_is_silent():
    """Where the claim is right, is off by more than hides there, or the kink is at the point itself."""
    blunt = replace(on_the_sine()[1], uncertainty=1e-3)
    for claim, kink in ((SLOPE, 1.001), (1.2 * SLOPE, 1.001), (0.9999 * SLOPE, 1.0)):
        look, _ = looked_at(lambda x, kink=kink: bent(x, kink), np.array([claim]), ONE, first=7)
        assert below_the_kink(look, blunt) is None
