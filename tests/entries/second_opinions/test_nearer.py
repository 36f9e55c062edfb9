"""An entry of another order than its tensor, or a claim as steep as a fast wave, is looked at from where it shows."""

from __future__ import annotations

import math
from dataclasses import replace

import exact
import numpy as np
import pytest
from lines import line_of
from tested import looked_at, on_the_sine, with_noise

from gradcheck._entries.look import Look
from gradcheck._entries.second_opinions import nearer
from gradcheck._entries.second_opinions.nearer import own_scale, where_the_claim_shows
from gradcheck._entries.under_test import FAR
from gradcheck._measure import derivative
from gradcheck._measure.step import Ladder
from gradcheck._results.estimate import Estimate, Rung

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
    look.tested.experience.noise = 4
    assert where_the_claim_shows(look, lost) is None
    look, lost = looked_at(lambda x: float(np.sin(1e9 * x[0])), np.array([0.0]), ONE)
    assert where_the_claim_shows(look, lost) is None


def far_below(monkeypatch, own, estimate, *, accused=False, on_stairs=False, noisy=False, size=1e-3, step=1e-4):
    """Return what an entry far below the others is measured to be, where its own scale shows this."""
    look, _ = looked_at(lambda x: float(x.sum()), np.array([1.0, 1.0, 1.0]), np.array([1.0, 1.0, size]), k=2)
    asked = []
    monkeypatch.setattr(nearer, "noise_of", lambda *given: asked.append(given[1:]) or 1e-9)
    monkeypatch.setattr(nearer.derivative, "estimate", lambda ladder: asked.append(ladder) or own)
    monkeypatch.setattr(nearer, "_on_stairs", lambda *_: on_stairs)
    monkeypatch.setattr(Look, "accuses", lambda *_: accused)
    if noisy:
        monkeypatch.setattr(type(look.tested), "sigma", 1.0)
    return own_scale(look, replace(estimate, rungs=(Rung(step, 0.0, 0.0, 0.0),))), asked


def known(value, uncertainty):
    return Estimate(value, uncertainty, value, value, scale=abs(value))


def test_an_entry_is_measured_in_steps_of_its_own_size(monkeypatch):
    """With the noise there, from four roundings of it on."""
    look, _ = looked_at(lambda x: float(x.sum()), np.ones(3), np.array([1.0, 1.0, 1e-3]), k=2)
    found, asked = far_below(monkeypatch, known(2.0, 1e-3), known(1.0, 0.5))
    assert found == known(2.0, 1e-3)
    (scale, floor, finest), ladder = asked
    assert (scale, floor, finest) == (1e-3, look.tested.subject.rounding(), 4 * 2.0**-52 * 1e-3)
    assert (ladder.scale, ladder.sigma, ladder.evaluations) == (1e-3, 1e-9, 0)


@pytest.mark.parametrize(
    ("own", "estimate", "fields", "taken"),
    [
        (known(2.0, 0.4), known(1.0, 0.5), {}, True),
        (known(0.1, 0.6), known(1.0, 0.5), {}, False),
        (known(20.0, 0.6), known(1.0, 0.5), {}, True),  # relative to itself it is better known
        (known(0.1, 0.6), known(1.0, 0.5), {"step": 1.1e-3}, True),  # no step was as small as it is
        (known(0.1, 0.6), known(1.0, 0.5), {"step": 0.9e-3}, False),
        (known(2.0, 0.4), known(1.0, 0.5), {"on_stairs": True}, False),
        (known(0.0, 0.4), known(1.0, 0.5), {"noisy": True}, False),
        (known(0.0, 0.4), known(1.0, 0.5), {}, True),
        (known(2.0, 0.4), known(1.0, 0.5), {"noisy": True}, True),
        (known(2.0, 1e-3), known(1.0, 1e-7), {}, False),  # it is known well
        (known(2.0, 1e-3), known(1.0, 1e-7), {"accused": True}, True),
        (known(2.0, 3e-2), known(1.0, 1e-7), {"accused": True}, False),  # its own scale knows too little
        (known(1.0005, 1e-3), known(1.0, 1e-7), {"accused": True}, False),
        (known(0.9995, 1e-3), known(1.0, 1e-7), {"accused": True}, False),
        (known(0.9985, 1e-3), known(1.0, 1e-7), {"accused": True}, True),
        (known(-1.0, 1e-3), known(1.0, 1e-7), {"accused": True}, True),
        (known(2.0, 0.4), known(1.0, 0.5), {"size": 0.02}, False),
        (known(2.0, 0.4), known(1.0, 0.5), {"size": 0.0}, False),
    ],
)
def test_when_its_own_scale_counts(own, estimate, fields, taken, monkeypatch):
    """Where it tells more; or where the others' steps accuse, and it contradicts them."""
    assert (far_below(monkeypatch, own, estimate, **fields)[0] == own) is taken


def shown(monkeypatch, away, near=None, *, sigma=1e-3, noise=0, x=4.0, here=None):
    """Return what is measured from where a slope so far away shows; the ladder on which it is."""
    look, _ = looked_at(lambda x: float(x.sum()), np.array([1.0]), np.array([x]), sigma=sigma)
    look.tested.experience.noise = noise
    asked = []
    monkeypatch.setattr(nearer, "noise_of", lambda *given: asked.append(given[1:]) or 2e-3)
    monkeypatch.setattr(nearer.derivative, "estimate", lambda ladder: asked.append(ladder) or near or known(9.0, 1.0))
    found = nearer.from_where_it_shows(look, look.ladder, here or known(1.0, 0.5), away)
    return found, asked, look.tested.experience


def test_a_slope_shows_where_it_moves_f_by_its_noise(monkeypatch):
    """Nearer than the entry is large, and not finer than a sixteenth of the finest step."""
    found, asked, _ = shown(monkeypatch, 10.0)
    (scale, _, finest), ladder = asked
    assert (scale, finest) == (1e-4, 4 * 2.0**-52 * 4)
    assert (ladder.scale, ladder.sigma, ladder.size) == (1e-4, 2e-3, 4.0)
    assert found.denies
    assert shown(monkeypatch, 1e-3 / 4.1)[0] is None
    assert shown(monkeypatch, 1e-3 / 3.9)[0] is not None
    finest = 4 * 2.0**-52 * 4
    assert shown(monkeypatch, 1e-3 / (finest / 15))[0] is not None
    assert shown(monkeypatch, 1e-3 / (finest / 17))[0] is None
    assert shown(monkeypatch, math.inf)[0] is None
    assert shown(monkeypatch, 10.0, sigma=1e-300)[0] is None
    assert shown(monkeypatch, 10.0, noise=4)[0] is None
    assert shown(monkeypatch, 10.0, noise=3)[0] is not None


@pytest.mark.parametrize(
    ("value", "fields", "denies"),
    [
        (2.6, {}, True),
        (2.4, {}, False),
        (-0.6, {}, True),
        (-0.4, {}, False),
        (9.0, {"kink": True}, False),
        (9.0, {"flat": True}, False),
    ],
)
def test_what_is_seen_nearby_may_deny_what_was_seen_before(value, fields, denies, monkeypatch):
    """Beyond both uncertainties; a kink, or what does not move, denies nothing. What does not is noise, and counted."""
    found, _, experience = shown(monkeypatch, 10.0, replace(known(value, 1.0), **fields))
    assert found.denies is denies
    assert experience.noise == (not denies)


@pytest.mark.parametrize(
    ("claim", "value", "uncertainty", "asked"),
    [
        (4.1, 1.0, 0.1, True),
        (3.9, 1.0, 0.1, False),
        (-4.1, 1.0, 0.1, True),
        (4.1, 1.0, 0.04, False),
        (math.inf, 1.0, 0.1, False),
        (4.1, 0.0, 0.1, True),
    ],
)
def test_a_claim_that_is_four_times_steeper_is_looked_for(claim, value, uncertainty, asked, monkeypatch):
    """Where the slope is not known to a twentieth; what denies it counts, and where no step is fine nothing does."""
    look, _ = looked_at(lambda x: float(x.sum()), np.array([claim]), np.array([4.0]), sigma=1e-3)
    aways = []
    ladder = replace(look.ladder, scale=1.0, finest=1e-9)

    def near(ladder, denies):
        found = nearer.Nearer(ladder, known(7.0, 1.0), denies)
        monkeypatch.setattr(nearer, "from_where_it_shows", lambda *given: aways.append(given[-1]) or found)
        return where_the_claim_shows(look, known(value, uncertainty))

    assert near(ladder, True) == (known(7.0, 1.0) if asked else None)
    assert aways == [abs(claim - value)] * asked
    assert near(ladder, False) is None
    for by, fine in ((0.9, False), (1.1, True)):
        found = near(replace(ladder, scale=by * 256e-9, finest=1e-9), False)
        assert (found is None) is (fine or not asked)
        assert found is None or found.uncertainty == abs(claim - value)


@pytest.mark.parametrize(("f", "on_stairs"), [(lambda t: exact.single(exact.rational(t)), True), (math.sin, False)])
def test_a_slope_may_be_that_of_a_single_stair(f, on_stairs):
    """A part of f is rounded, and fine steps see the rest of it."""
    ladder = Ladder(line_of(f, 0.3), 1.0, 1e-16, finest=1.2 * 2.0**-52)
    assert nearer._on_stairs(ladder, derivative.estimate(ladder)) is on_stairs
