"""An entry that two evaluations left in doubt is looked at again: on four rungs, or by a fit."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tested import under_test

from gradcheck import Verdict
from gradcheck._entries import refine as subject
from gradcheck._entries.calibrate import Calibration
from gradcheck._entries.refine import (
    COARSER,
    DEEPER,
    agrees_by_now,
    average,
    grows,
    left_open,
    look_again,
    refine,
    sharpen,
)
from gradcheck._entries.second_opinions import other_steps
from gradcheck._measure import derivative
from gradcheck._measure.extrapolate import Limit
from gradcheck._results.estimate import Estimate

ONE, SLOPE = np.array([1.0]), math.cos(1.0)


def sine(x):
    return float(np.sin(x).sum())


def noisy(x):
    return sine(x) + 1e-7 * float(np.random.default_rng([1, *x.tobytes()]).standard_normal())


def swept(f=sine, claim=SLOPE, off=1e-7, known=1e-8, **keywords):
    """Return an array under test of which two evaluations were off by something, and knew it to something."""
    tested = under_test(f, np.array([claim]), ONE, **keywords)
    tested.columns.estimates[0], tested.columns.uncertainties[0] = SLOPE + off, known
    tested.columns.lefts[0] = tested.columns.rights[0] = SLOPE
    return tested


def test_what_is_wrong_on_four_rungs_is_said_and_not_written_down():
    """No accusation rests on a short ladder: whoever asked climbs a whole one."""
    tested = swept(claim=1.001 * SLOPE)
    assert refine(tested, 0, 4) is Verdict.WRONG
    assert tested.columns.codes[0] == Verdict.UNDECIDED


def test_what_four_rungs_show_to_be_right_is_written_down():
    """With what they know."""
    tested = swept()
    assert refine(tested, 0, 4) is Verdict.CORRECT
    assert tested.columns.codes[0] == Verdict.CORRECT
    assert abs(tested.columns.estimates[0] - SLOPE) <= tested.columns.uncertainties[0] < 1e-7


def test_four_rungs_that_know_too_little_decide_nothing():
    """At steps of 1e-12 they know no more than that it may be right."""
    tested = swept(known=1e-9)
    assert refine(tested, 0, 18) is Verdict.UNDECIDED
    assert tested.columns.codes[0] == Verdict.UNDECIDED


def test_what_two_evaluations_were_off_by_is_learnt_where_it_is_harmless():
    """And is what they are expected to be off by in others; not where nobody asked to learn."""
    tested = swept(off=1e-8, known=1e-9)
    assert refine(tested, 0, 4) is Verdict.CORRECT
    assert tested.experience.learnt == 0
    tested = swept(off=1e-8, known=1e-9)
    assert refine(tested, 0, 4, learn=True) is Verdict.CORRECT
    assert 1e-8 < tested.experience.learnt < 3e-8
    tested = swept(off=1e-3, known=1e-9)
    refine(tested, 0, 4, learn=True)
    assert tested.experience.learnt == 0


def test_what_was_learnt_of_large_entries_is_said_of_small_ones_alike():
    """As a slope, within 64 times; far larger entries move f as much with a slope that is as much smaller."""
    for large, alike in ((4.0, 1.0), (16384.0, 1 / 256)):
        x = np.array([large, 1.0, 1.0])
        tested = under_test(lambda x, a=large: float(np.sin(x[0] / a) + np.sin(x[1])), np.zeros(3), x)
        np.testing.assert_allclose(tested.alike(slice(None)), [alike, 1.0, 1.0], rtol=0.1)
        slope = SLOPE / large
        tested.columns.claims[0] = slope
        tested.columns.estimates[0], tested.columns.uncertainties[0] = slope * (1 + 1e-8), slope * 1e-9
        assert refine(tested, 0, 4, learn=True) is Verdict.CORRECT
        assert 1e-8 < tested.experience.learnt * tested.alike(0) / slope < 4e-8


def test_few_rungs_show_that_a_slope_has_no_end():
    """Where others of the tensor had none; a claim of the other sign, or of a finite slope, climbs a ladder."""
    for f, claim, settled in ((np.sqrt, np.inf, True), (np.sqrt, -np.inf, False), (np.sin, np.inf, False)):
        tested = under_test(lambda x, f=f: float(np.sum(f(x))), np.array([claim, 0.5]), np.array([0.0, 1.0]))
        before = tested.subject.evaluations
        assert grows(tested, 0) is settled
        assert tested.subject.evaluations - before == 2 * 8
        assert bool(tested.columns.estimates[0] == np.inf) is settled


def test_an_entry_agrees_once_enough_was_learnt():
    """Its two evaluations leave as much unknown as those of others did."""
    tested = swept()
    assert not agrees_by_now(tested, 0)
    assert tested.columns.codes[0] == Verdict.UNDECIDED
    tested.experience.learnt = 1e-6
    assert agrees_by_now(tested, 0)
    assert tested.columns.codes[0] == Verdict.CORRECT
    assert tested.columns.uncertainties[0] == 1e-8 + 1e-6


def test_a_second_look_goes_deeper_and_remembers_how_deep():
    """Where kinks lie within the first steps, finer ones do; the next entry begins there."""

    def bent(x):
        return sine(x) + 0.1 * max(abs(float(x[0]) - 1) - 1e-4, 0.0)

    tested = swept(bent, off=1e-3, known=1e-9)
    assert look_again(tested, 0, 2, learn=False)
    assert tested.experience.deeper == DEEPER
    assert not look_again(swept(claim=1.1 * SLOPE), 0, 4, learn=False)


def test_a_second_look_begins_where_the_first_one_ended(monkeypatch):
    """Four rungs each, of which they share one; there is as much more noise as its steps are finer."""
    begun = []
    monkeypatch.setattr(subject, "refine", lambda tested, k, first, learn: begun.append(first) or Verdict.UNDECIDED)
    assert not look_again(swept(), 0, 4, learn=False)
    assert begun == [4, 4 + 3]
    assert DEEPER == other_steps.SHORT == 3
    tested = swept()
    steps = [tested.ladder(0, 0.0).climb(first, first + other_steps.SHORT).step for first in begun]
    assert steps[0][-1] == steps[1][0]
    assert COARSER == steps[0][0] / steps[1][0] == 64


@pytest.mark.parametrize(("times", "enough"), [(40, True), (90, False)])
def test_a_second_look_may_know_sixty_four_times_less(times, enough):
    """Than the two evaluations did, whose steps were so much coarser; one that knows still less decides nothing."""
    tested = swept(off=0.0)
    known = derivative.summarise(tested.ladder(0, tested.sigma).climb(8, 11), tested.sigma).uncertainty
    tested.columns.uncertainties[0] = known / times
    assert (refine(tested, 0, 8) is Verdict.CORRECT) is enough


def test_an_average_is_taken_where_it_tells_more_and_agrees():
    """A claim that it contradicts climbs a ladder, and what was known better stays."""
    tested = swept(noisy, off=1e-4, known=1e-3, sigma=1e-7)
    tested.experience.wide = 1.0
    average(tested, 0)
    assert tested.columns.codes[0] == Verdict.CORRECT
    assert tested.columns.uncertainties[0] < 1e-5
    tested = swept(noisy, claim=1.0005 * SLOPE, off=1e-4, known=1e-3, sigma=1e-7)
    tested.experience.wide = 1.0
    average(tested, 0)
    assert tested.columns.codes[0] == Verdict.WRONG
    assert len(tested.columns.rungs[0]) > 4
    tested = swept(noisy, known=1e-9, sigma=1e-7)
    tested.experience.wide = 1.0
    average(tested, 0)
    assert tested.columns.uncertainties[0] == 1e-9


def test_what_is_sharp_is_not_looked_at_again():
    """And what is blunt is, where that can be helped."""
    for known, again in ((1e-7, False), (1e-4, True)):
        tested = swept(known=known)
        tested.columns.codes[0], tested.experience.reach = Verdict.CORRECT, 1e-12
        sharpen(tested, np.array([0]), Calibration())
        assert bool(tested.columns.uncertainties[0] < known) is again


@pytest.mark.parametrize(("less", "averaged"), [(2.5, False), (4.0, True)])
def test_entries_are_averaged_where_a_fit_knows_three_times_as_much(less, averaged, monkeypatch):
    """It takes twenty evaluations; else a few rungs are looked at."""
    looks = []
    monkeypatch.setattr(subject.least_squares, "widest", lambda _: (Limit(SLOPE, 1e-4 / less, 0), 1.0))
    monkeypatch.setattr(subject, "average", lambda *_: looks.append(True))
    monkeypatch.setattr(subject, "refine", lambda *_: looks.append(False))
    tested = swept(known=1e-4)
    tested.columns.codes[0], tested.experience.reach = Verdict.CORRECT, 1e-12
    sharpen(tested, np.array([0]), Calibration())
    assert looks == [averaged]


TWO = np.array([2.0, 128.0])


def of_two(claim=1.0, swept=1.0, known=1e-9, largest=1.0, learnt=0.0, x=TWO):
    """Return two entries under test, of which the first was swept."""
    tested = under_test(lambda x: float(x.sum()), np.array([claim, 1.0]), x, sigma=1e-300)
    tested = replace(tested, standard=replace(tested.standard, largest=largest))
    columns = tested.columns
    columns.estimates[:], columns.uncertainties[:], columns.lefts[:], columns.rights[:] = swept, known, 1.0, 1.0
    columns.codes[:] = Verdict.UNDECIDED
    tested.experience.learnt = learnt
    return tested


@pytest.mark.parametrize(
    ("off", "allowed", "known", "largest", "settled"),
    [
        (0.04, 0.045, 1e-9, 1.0, True),
        (0.04, 0.035, 1e-9, 1.0, False),
        (0.04, 0.035, 0.01, 1.0, True),
        (-0.04, 0.045, 1e-9, 1.0, True),
        (0.04, 0.055, 1e-9, 1.0, False),
        (0.04, 0.055, 1e-9, 2.0, True),
        (1e-10, 0.0, 1e-9, 1.0, False),
    ],
)
def test_an_entry_is_left_open_within_what_an_iteration_leaves(off, allowed, known, largest, settled):
    """Beside what two evaluations leave; where an iteration leaves a twentieth of the largest slope or less."""
    tested = of_two(1.0 + off, known=known, largest=largest)
    tested.tally.allow("x", allowed * tested.scale(0))
    assert bool(left_open(tested, 0)) is settled
    expected = known + allowed if settled else known
    assert tested.columns.uncertainties[0] == pytest.approx(expected)
    assert (tested.columns.codes[0] == Verdict.UNDECIDED) is not settled


@pytest.mark.parametrize(("off", "settled"), [(0.9e-6, True), (1.2e-6, False), (-0.9e-6, True)])
def test_what_others_were_off_by_settles_an_entry(off, settled):
    """As much in a small one, and less in one that is taken in larger steps."""
    tested = of_two(1.0 + off, learnt=1e-6)
    assert agrees_by_now(tested, 0) is settled
    assert tested.columns.codes[0] == (Verdict.CORRECT if settled else Verdict.UNDECIDED)
    assert tested.columns.uncertainties[0] == pytest.approx(1e-9 + 1e-6 * settled)
    large = of_two(1.0, learnt=1e-6, x=np.array([2.0, 2.0]))
    large.__dict__["alike"] = np.array([0.25, 1.0]).__getitem__
    large.columns.claims[0] = 1 + 0.3e-6
    assert not agrees_by_now(large, 0)


def found(monkeypatch, value, uncertainty):
    """Have four rungs show a slope."""
    monkeypatch.setattr(
        subject.derivative, "summarise", lambda *_: Estimate(value, uncertainty, value, value, scale=abs(value))
    )


@pytest.mark.parametrize(
    ("claim", "swept", "known", "uncertainty", "verdict"),
    [
        (1.0, 1.0, 1e-7, 2e-6, Verdict.CORRECT),
        (1.0, 1.0, 1e-7, 6e-6, Verdict.UNDECIDED),  # not sharp
        (1.0, 1.0, 1e-12, 2e-9, Verdict.UNDECIDED),  # known so much less than two evaluations are
        (1.0, 1.0 + 2e-5, 1e-6, 0.9e-5, Verdict.CORRECT),  # it explains why they disagreed
        (1.0, 1.0 + 2e-5, 1e-6, 1.1e-5, Verdict.UNDECIDED),
        (1.0, 1.0 - 2e-5, 1e-6, 0.9e-5, Verdict.CORRECT),
        (1.0, 1.0, 1e-5, 0.9e-5, Verdict.CORRECT),
        (1.01, 1.0, 1e-8, 2e-6, Verdict.WRONG),
    ],
)
def test_a_second_look_must_tell_enough(claim, swept, known, uncertainty, verdict, monkeypatch):
    """To explain why two evaluations disagreed, and not much less than they do."""
    tested = of_two(claim, swept, known)
    found(monkeypatch, 1.0, uncertainty)
    assert refine(tested, 0, 4) is verdict
    written = verdict is Verdict.CORRECT
    assert tested.columns.uncertainties[0] == (uncertainty if written else known)


@pytest.mark.parametrize(
    ("off", "uncertainty", "learn", "learnt"),
    [
        (2e-8, 1e-9, True, 4e-8 + 1e-9 - 1e-9),
        (2e-8, 5e-9, True, 4e-8 + 5e-9 - 1e-9),
        (-2e-8, 1e-9, True, 4e-8),
        (2e-8, 1e-9, False, 0.0),
        (0.0, 0.5e-9, True, 0.0),
        (4e-8, 1e-9, True, 8e-8),
        (6e-8, 1e-9, True, 0.0),
    ],
)
def test_what_two_evaluations_were_off_by_is_learnt(off, uncertainty, learn, learnt, monkeypatch):
    """Twice, and what is unknown of it, beyond what they knew; up to a fifth of what does not matter."""
    tested = of_two(1.0, 1.0 + off, 1e-9)
    found(monkeypatch, 1.0, uncertainty)
    refine(tested, 0, 4, learn=learn)
    assert tested.experience.learnt == pytest.approx(learnt, abs=1e-12)


def test_a_second_look_begins_where_the_last_one_succeeded(monkeypatch):
    """Below the rung of the sweep, or as much deeper as four rungs are; what was learnt is that of the former."""
    asked = []

    def look(answers):
        said = iter(answers)
        asked.clear()
        monkeypatch.setattr(subject, "refine", lambda _, __, rung, learn: asked.append((rung, learn)) or next(said))

    tested = of_two()
    look([Verdict.WRONG, Verdict.CORRECT])
    assert look_again(tested, 0, 5, learn=True)
    assert asked == [(5, True), (5 + DEEPER, False)]
    assert tested.experience.deeper == DEEPER
    look([Verdict.CORRECT])
    assert look_again(tested, 0, 5, learn=True)
    assert asked == [(5 + DEEPER, False)]
    look([Verdict.UNDECIDED, Verdict.CORRECT])
    assert look_again(tested, 0, 5, learn=True)
    assert (asked, tested.experience.deeper) == ([(5 + DEEPER, False), (5, True)], 0)
    look([Verdict.WRONG, Verdict.WRONG])
    assert not look_again(tested, 0, 5, learn=False)


@pytest.mark.parametrize(("blunt", "looked_at"), [(3, 3), (50, 4), (51, 51)])
def test_of_entries_that_are_too_uncertain_one_in_fifty_of_all_is_looked_at_again(blunt, looked_at, monkeypatch):
    """The largest; all of them where they are more than a fourth, and are so for another reason."""
    asked = []
    x = np.linspace(1.0, 2.0, 200)
    tested = under_test(lambda x: float(x @ x) / 2, x, x)
    tested.columns.codes[:], tested.columns.uncertainties[:] = Verdict.CORRECT, np.where(x < x[blunt], 1.0, 0.0)
    monkeypatch.setattr(subject.least_squares, "promise", lambda _, scale: 0 * scale)
    monkeypatch.setattr(subject.least_squares, "widest", lambda _: (Limit(0.0, np.inf, 0), 1.0))
    monkeypatch.setattr(subject, "refine", lambda _, k, __: asked.append(k) or Verdict.CORRECT)
    sharpen(tested, np.arange(200), Calibration(best=5))
    assert asked == [*range(blunt - 1, blunt - 1 - looked_at, -1)]
