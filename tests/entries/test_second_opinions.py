"""Each second opinion speaks where it knows better, and is silent elsewhere."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tested import looked_at
from traps import collect

from gradcheck import Verdict, check_gradients
from gradcheck._entries import second_opinions
from gradcheck._entries.look import CONVINCED, SHARP
from gradcheck._entries.nearer import own_scale, where_the_claim_shows
from gradcheck._entries.second_opinions import (
    OPINIONS,
    Moment,
    asked,
    averaged,
    averaged_or_not,
    below_the_kink,
    jump_beside,
    last_digits,
    meet,
    noise_of_this_line,
    other_steps,
    rounding_of_the_claim,
    scatter_of_the_rungs,
    sharpened,
    stairs,
    stairs_beneath_a_slope,
)
from gradcheck._measure import least_squares
from gradcheck._measure.extrapolate import Limit

ONE = np.array([1.0])
SLOPE = math.cos(1.0)


def sine(x):
    return float(np.sin(x).sum())


def with_noise(sigma, f=sine):
    """Return a function with noise, the same at every call of the same point."""
    return lambda x: f(x) + sigma * float(np.random.default_rng([1, *x.tobytes()]).standard_normal())


def on_the_sine(claim=SLOPE, **keywords):
    return looked_at(sine, np.array([claim]), ONE, **keywords)


@pytest.mark.parametrize("name", [opinion.name for opinion in OPINIONS])
def test_of_every_opinion_is_tested_when_it_speaks_and_when_not(name):
    """A new one needs two tests: with a case where it knows better, and one where it must not meddle."""
    assert {f"test_{name}_speaks", f"test_{name}_is_silent"} <= set(globals())


# ------------------------------------------------------------------------------ of what is too blunt

SMALL = np.array([1.0, 1.0, 1e-16])


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


@pytest.mark.parametrize(("sharp", "speaks"), [(8, True), (15, False)])
def test_averaging_must_come_within_ten_times_of_sharp(sharp, speaks):
    """What it promises beside what would be sharp: further off, the many evaluations of a fit decide nothing."""
    sigma = sharp * SHARP * SLOPE / least_squares.promise(1.0, 1.0)
    look, blunt = looked_at(with_noise(sigma), np.array([SLOPE]), ONE, sigma=sigma)
    assert (averaged(look, replace(blunt, uncertainty=0.1)) is not None) is speaks


@pytest.mark.parametrize(("claim", "speaks"), [(1.1e-15, True), (1.4e-15, False)])
def test_sixteen_roundings_of_f_are_its_last_digits(claim, speaks):
    """As many as a sum of some dozens of terms may be off by: 1.2e-15 of f, over the scale of the entry."""
    look, still = looked_at(lambda x: 1.0 + 0 * float(x[0]), np.array([claim]), ONE)
    assert (last_digits(look, still) is not None) is speaks


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


def test_averaged_speaks():
    """Where noise of 1e-7 is all that limits a ladder; others of the tensor learn how wide the fit was."""
    look, blunt = looked_at(with_noise(1e-7), np.array([SLOPE]), ONE, sigma=1e-7)
    found = averaged(look, blunt)
    assert abs(found.value - SLOPE) <= found.uncertainty < blunt.uncertainty / 2
    assert look.tested.experience.reach == found.uncertainty
    assert look.tested.experience.wide > 0


def test_averaged_is_silent():
    """Where the ladder knows enough, at a kink, and where f stands still: no average would be the slope."""
    look, estimate = looked_at(with_noise(1e-12), np.array([SLOPE]), ONE, sigma=1e-12)
    assert averaged(look, estimate) is None
    look, blunt = looked_at(with_noise(1e-7), np.array([SLOPE]), ONE, sigma=1e-7)
    for field in ("kink", "jump", "flat"):
        assert averaged(look, replace(blunt, **{field: True})) is None
    assert look.tested.experience.wide == 0
    assert averaged(look, replace(blunt, value=SLOPE + 1)) is None  # where a fit contradicts the ladder


# ------------------------------------------------------------------------------ before an accusation


def test_noise_of_this_line_speaks():
    """Where the whole tensor was quieter than the entry: what noise makes of the finest steps is no slope then."""
    look, misled = looked_at(with_noise(1e-9), np.array([SLOPE]), ONE, sigma=1e-16)
    found = noise_of_this_line(look, misled)
    assert not abs(misled.value - SLOPE) <= misled.uncertainty < 1
    assert abs(found.value - SLOPE) <= found.uncertainty < 1e-4


def test_noise_of_this_line_is_silent():
    """Where the entry is no noisier, and where the noise of the tensor was no mere rounding."""
    look, estimate = on_the_sine(sigma=1e-16)
    assert noise_of_this_line(look, estimate) is None
    look, estimate = looked_at(with_noise(1e-9), np.array([SLOPE]), ONE, sigma=1e-9)
    assert noise_of_this_line(look, estimate) is None


def test_scatter_of_the_rungs_speaks():
    """Where slopes at the finest steps scatter by far more than a noise of 1e-16 makes them."""
    look, sharp = looked_at(with_noise(1e-10), np.array([SLOPE]), ONE, sigma=1e-16)
    vars(look)["careful"] = look.ladder  # as if values close to one another shared their roundings, and looked quiet
    found = scatter_of_the_rungs(look, replace(sharp, uncertainty=0.1))
    assert abs(found.value - SLOPE) <= found.uncertainty
    assert 1e-10 < found.uncertainty < 1e-4


def test_scatter_of_the_rungs_is_silent():
    """Where they scatter by no more than was measured, of a ladder with few rungs, of what is sharp, and of a bend."""
    look, estimate = looked_at(with_noise(1e-10), np.array([SLOPE]), ONE, sigma=1e-10)
    assert scatter_of_the_rungs(look, replace(estimate, uncertainty=0.1)) is None
    look, estimate = looked_at(with_noise(1e-10), np.array([SLOPE]), ONE, sigma=1e-16)
    assert scatter_of_the_rungs(look, estimate) is None
    bent, estimate = looked_at(lambda x: float(np.exp(x[0])), np.array([math.e]), ONE, sigma=1e-16)
    assert scatter_of_the_rungs(bent, replace(estimate, uncertainty=0.1)) is None
    look, estimate = looked_at(with_noise(1e-10), np.array([SLOPE]), ONE, sigma=1e-16)
    assert scatter_of_the_rungs(look, replace(estimate, uncertainty=0.1, rungs=estimate.rungs[-6:])) is None
    assert scatter_of_the_rungs(*looked_at(lambda x: 3 * float(x[0]), np.array([2.0]), ONE)) is None


def test_last_digits_speaks():
    """What is claimed of a constant is lost in its last digits, over the whole scale of the entry."""
    look, still = looked_at(lambda x: 1.0 + 0 * float(x[0]), np.array([1e-15]), ONE)
    found = last_digits(look, still)
    assert found.value == 0
    assert found.uncertainty >= 1e-15
    assert not look.accuses(found)


def test_last_digits_is_silent():
    """Where claim or slope are larger than that."""
    assert last_digits(*looked_at(lambda x: 1.0 + 0 * float(x[0]), np.array([1e-12]), ONE)) is None
    assert last_digits(*on_the_sine(claim=0.0)) is None


def test_rounding_of_the_claim_speaks():
    """A gradient that changes by 1e-9 between points that differ in their last digits may be off by that."""

    def jumpy(x):
        return np.cos(x) + 1e-9 * (np.round((x - 1) / 2.0**-49) % 2)

    look, estimate = looked_at(sine, jumpy, ONE)
    found = rounding_of_the_claim(look, estimate)
    assert 1e-9 <= found.residue <= 1e-8
    assert (found.value, found.uncertainty) == (estimate.value, estimate.uncertainty)


def test_rounding_of_the_claim_is_silent():
    """Of a gradient that is the same at all of them: nothing is allowed for it, and it is wrong as before."""
    look, estimate = on_the_sine(claim=2 * SLOPE)
    found = rounding_of_the_claim(look, estimate)
    assert found == replace(estimate, residue=0.0)
    assert look.accuses(found)


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


def test_jump_beside_speaks():
    """A jump of 1e-4 a tenth away, as of a solver that stops early: a claim off by a thousandth may be right."""
    look, _ = looked_at(lambda x: sine(x) + 1e-4 * float(x[0] > 1.1), np.array([1.001 * SLOPE]), ONE)
    found = jump_beside(look, replace(on_the_sine()[1], uncertainty=1e-9))
    assert found.uncertainty > 1e-4
    assert not look.accuses(found)


def test_jump_beside_is_silent():
    """Where nothing jumps, where a claim is off by more than a solver is, and once several entries had no jump."""
    look, estimate = on_the_sine(claim=1.001 * SLOPE)
    assert jump_beside(look, estimate) is None
    assert look.tested.experience.unbroken == 1

    def jumping(x):
        return sine(x) + float(x[0] > 1.1)

    look, _ = looked_at(jumping, np.array([1.1 * SLOPE]), ONE)
    assert jump_beside(look, estimate) is None
    look, _ = looked_at(jumping, np.array([1.001 * SLOPE]), ONE)
    look.tested.experience.unbroken = CONVINCED
    assert jump_beside(look, estimate) is None


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


# ------------------------------------------------------------------------------ before an acquittal


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


# ------------------------------------------------------------------------------------ who is asked


@pytest.mark.parametrize("opinion", OPINIONS, ids=[opinion.name for opinion in OPINIONS])
def test_every_opinion_has_a_trap_that_fails_without_it(opinion, monkeypatch):
    """It is answered rightly with all of them; what nothing needs is not kept."""
    trap = next(trap for trap in collect() if trap.id == opinion.trap)

    def answered():
        with np.errstate(all="ignore"):
            report = check_gradients(trap.f, *trap.args, **trap.keywords)
        named = {entry.name for entry in report.wrong} if trap.named else set()
        return report.verdict in trap.verdicts and named == set(trap.named)

    assert answered()
    monkeypatch.setattr(second_opinions, "OPINIONS", tuple(other for other in OPINIONS if other is not opinion))
    assert not answered()


def test_they_are_asked_at_their_moment_in_their_order():
    """None twice, and none never."""
    order = [ask for moment in Moment for ask in asked(moment)]
    assert order == [opinion.ask for opinion in OPINIONS]
    assert len(set(order)) == len(OPINIONS)
    assert asked(Moment.ACQUITTED) == [below_the_kink]


def test_what_is_blunt_is_sharpened_and_what_is_not_stays():
    """By whoever knows better; the very estimate comes back where nobody does."""
    look, estimate = on_the_sine()
    assert sharpened(look, estimate) is estimate
    assert averaged_or_not(look).value == estimate.value
    look, blunt = looked_at(with_noise(1e-7), np.array([SLOPE]), ONE, sigma=1e-7)
    assert sharpened(look, blunt).uncertainty < blunt.uncertainty / 2
    assert averaged_or_not(look).uncertainty < blunt.uncertainty / 2


def test_a_fit_and_an_estimate_meet_within_what_both_do_not_know():
    """And not beyond."""
    _, estimate = on_the_sine()
    estimate = replace(estimate, value=1.0, uncertainty=0.2)
    assert meet(Limit(1.25, 0.1, 0), estimate)
    assert not meet(Limit(1.35, 0.1, 0), estimate)
