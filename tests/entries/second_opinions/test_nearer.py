"""An entry of another order than its tensor, or a claim as steep as a fast wave, is looked at from where it shows."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tested import looked_at, on_the_sine, with_noise

from gradcheck._entries.look import CONVINCED
from gradcheck._entries.second_opinions.nearer import own_scale, where_the_claim_shows
from gradcheck._entries.under_test import FAR

ONE = np.array([1.0])
SMALL = np.array([1.0, 1.0, 1e-16])


def test_own_scale_overrules_an_accusation():
    """Where the others' steps are sharp, and far too large to see how it bends over its own size."""

    def bent(x):
        return float(x[0] + 1e14 * x[2] + np.tanh(1e16 * x[2]))

    truth = 1e14 + 1e16 * (1 - math.tanh(1.0) ** 2)
    look, sharp = looked_at(bent, np.array([1.0, 0.0, truth]), SMALL, k=2)
    found = own_scale(look, replace(sharp, value=1e14, uncertainty=1e3, left=1e14, right=1e14, kink=False, jump=False))
    assert abs(found.value - truth) <= found.uncertainty < 1e-3 * truth
    look, sharp = looked_at(lambda x: float(x.sum()), np.array([1.0, 1.0, 1.1]), SMALL, k=2)
    assert own_scale(look, sharp) is None  # it is a line, and no sharper from near


def test_own_scale_answers_an_infinite_slope():
    """From the others' steps a root at 1e-20 has one; from its own it is 5e9."""
    look, endless = looked_at(lambda x: float(np.sum(np.sqrt(x))), np.array([5e9, 0.5]), np.array([1e-20, 1.0]))
    assert endless.value == math.inf
    found = own_scale(look, endless)
    assert abs(found.value - 5e9) <= found.uncertainty < 5e6


@pytest.mark.parametrize(("times", "speaks"), [(0.7, False), (1.5, True)])
def test_an_entry_is_far_below_the_others_by_a_hundred(times, speaks):
    """Nearer ones are within four rungs of the others' coarsest step."""
    x = np.array([1.0, 1.0, 1 / (times * FAR)])
    look, known = looked_at(lambda x: float(np.sum(np.sin(x))), np.cos(x), x, k=2)
    assert (own_scale(look, replace(known, value=1.0, uncertainty=0.5)) is not None) is speaks
    assert 50 < FAR < 200


def test_where_the_claim_shows_doubts_what_no_step_could_show():
    """A claim of 1e15 moves f by its noise within few of the finest steps there are."""
    look, lost = looked_at(lambda x: float(np.sin(3e15 * x[0])), np.array([1e15]), ONE)
    found = where_the_claim_shows(look, lost)
    assert not look.accuses(found)
    assert where_the_claim_shows(*looked_at(lambda x: float(np.sin(3e15 * x[0])), np.array([1e30]), ONE)) is None


@pytest.mark.parametrize(("times", "speaks"), [(3.0, False), (6.0, True)])
def test_a_claim_that_may_be_that_of_a_wave_is_four_times_steeper(times, speaks):
    """Than what was measured: a slope that f shows as well is no wave's alone."""
    look, lost = looked_at(lambda x: float(np.sin(1e9 * x[0])), np.array([1e9 * math.cos(1e9)]), ONE)
    shown = replace(lost, value=look.claim / times, uncertainty=abs(look.claim) / times / 10)
    assert (where_the_claim_shows(look, shown) is not None) is speaks


def steep(x):
    return float(np.sum(x[:2]) + np.tanh(1e16 * x[2]))


def test_own_scale_speaks():
    """An entry far smaller than its tensor's others, whose function bends over its own size: their steps see a jump."""
    truth = 1e16 * (1 - math.tanh(1.0) ** 2)
    look, blunt = looked_at(steep, np.ones(3), SMALL, k=2)
    found = own_scale(look, blunt)
    assert abs(found.value - truth) <= found.uncertainty < 1e-3 * truth < blunt.uncertainty


def test_own_scale_is_silent():
    """Of an entry as large as the others, of one that is zero, and of one that is well known as it is."""
    for x, k in ((SMALL, 0), (np.array([1.0, 1.0, 0.0]), 2)):
        look, estimate = looked_at(steep, np.ones(3), x, k=k)
        assert own_scale(look, replace(estimate, uncertainty=1.0)) is None
    look, estimate = looked_at(lambda x: float(x.sum()), np.ones(3), SMALL, k=2)
    assert own_scale(look, estimate) is None


def test_where_the_claim_shows_speaks():
    """A sine that every usual step samples at random is one from where it moves by no more than a little."""
    truth = 1e9 * math.cos(1e9)
    for claim in (truth, 2 * truth):
        look, lost = looked_at(lambda x: float(np.sin(1e9 * x[0])), np.array([claim]), ONE)
        assert look.accuses(lost)
        found = where_the_claim_shows(look, lost)
        assert abs(found.value - truth) <= found.uncertainty < 1e-3 * abs(truth)
        assert look.accuses(found) is (claim != truth)


def test_where_the_claim_shows_is_silent():
    """Of a claim that is no steeper, of f with a slope of its own, without noise, and of noise that stays noise."""
    assert where_the_claim_shows(*on_the_sine(claim=100.0)) is None
    look, known = looked_at(with_noise(1e-7), np.array([100.0]), ONE, sigma=1e-7)
    assert where_the_claim_shows(look, known) is None
    look, lost = looked_at(with_noise(1.0, lambda _: 0.0), np.array([1e9]), ONE, sigma=1.0)
    assert where_the_claim_shows(look, lost) is None
    assert look.tested.experience.noise == 1
    look.tested.experience.noise = CONVINCED
    assert where_the_claim_shows(look, lost) is None
    look, lost = looked_at(lambda x: float(np.sin(1e9 * x[0])), np.array([0.0]), ONE)
    assert where_the_claim_shows(look, lost) is None
