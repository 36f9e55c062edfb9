"""A jump nearby, like that of a solver that stops early, leaves unknown what it may hide."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tested import ONE, SLOPE, looked_at, on_the_sine, sine

from gradcheck import Oracle
from gradcheck._entries.second_opinions import jumps
from gradcheck._entries.second_opinions.jumps import jump_beside
from gradcheck._entries.under_test import UnderTest
from gradcheck._judge.tolerance import Standard
from gradcheck._measure.jump import Jump
from gradcheck._model.subject import Subject
from gradcheck._results.estimate import Estimate


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
    look.tested.experience.unbroken = 4
    assert jump_beside(look, estimate) is None


FOUR = np.array([4.0])
TWO = np.array([4.0, 4.0])


def look_at(claim=1.0, x=FOUR, **experience):
    """Return what an opinion on an entry of four is given, of which so much was learnt."""
    look, _ = looked_at(lambda x: float(x.sum()), np.full(len(x), claim), x, sigma=1e-300)
    for name, value in experience.items():
        setattr(look.tested.experience, name, value)
    return look


def known(value=1.0, uncertainty=1e-12):
    return Estimate(value, uncertainty, value, value, scale=abs(value))


@pytest.mark.parametrize(("part", "allowed"), [(0.9, True), (1.1, False), (0.0, False)])
@pytest.mark.parametrize(("largest", "value"), [(1.0, 0.5), (0.5, -1.0)])
def test_what_jumps_leave_unknown_is_eight_of_them(part, allowed, largest, value):
    """Over the distance of one, as far as the entry is large, if it is no more than a twentieth of a slope."""
    look = look_at(claim=largest, stopped=part * 0.05 * 4.0 / 8)
    found = jumps.found_before(look, known(value, 1e-3))
    assert (found is not None) is allowed
    assert not allowed or found.uncertainty == pytest.approx(1e-3 + part * 0.05)


@pytest.mark.parametrize(
    ("experience", "tally", "least"),
    [
        ({"sought": True, "unbroken": 1, "excused": 0.5}, {}, 0.5),
        ({"sought": True, "excused": 0.5}, {"excused": 8.0}, 2.0),
        ({"sought": True, "unbroken": 1, "excused": 0.5}, {"continuous": 8.0}, 2.0),
        ({"sought": True, "unbroken": 1, "excused": 0.5}, {"continuous": 1.0}, 0.5),
        ({"sought": True, "unbroken": 1, "excused": 0.5}, {"continuous": math.inf}, 0.5),
        ({"sought": True, "unbroken": 1, "excused": 0.5, "stopped": 1e-9}, {}, math.inf),
        ({"unbroken": 1, "excused": 0.5}, {}, math.inf),
        ({"sought": True, "unbroken": 1, "excused": 0.5}, {"steady": False}, math.inf),
        ({"sought": True, "unbroken": 1}, {}, math.inf),
    ],
)
def test_from_which_error_on_a_jump_would_have_been_found(experience, tally, least):
    """Whatever was searched, in units of each; a 256th of it is covered by the same search."""
    tested = look_at(**experience).tested
    for name, value in ({"steady": True} | tally).items():
        setattr(tested.tally, name, value)
    assert jumps.excuses_from(tested) == (least / 256 if math.isfinite(least) else math.inf)


def searched(monkeypatch, jump=None):
    """Have a jump found, or none; return for how large an error it was searched each time, and along which ladder."""
    asked = []
    monkeypatch.setattr(
        jumps, "_jump", lambda ladder, _, away, covers=256: asked.append((ladder, away, covers)) or jump
    )
    return asked


SMALL = Jump(1e-6, 1.0)


def test_entries_without_a_jump_are_counted(monkeypatch):
    """And what they would have excused, in this tensor, and in units of f in all; four of them speak for the rest."""
    asked = searched(monkeypatch)
    look = look_at(claim=1.01)
    for number in range(1, 5):
        assert jumps._along_the_entry(look, known()) is None
        assert (look.tested.experience.unbroken, look.tally.unbroken, len(asked)) == (number, number, number)
    assert look.tested.experience.excused == pytest.approx(0.01)
    assert look.tally.excused == pytest.approx(0.04)
    assert jumps._along_the_entry(look, known()) is None
    assert len(asked) == 4


@pytest.mark.parametrize(("finer", "again"), [(250.0, False), (262.0, True)])
def test_an_error_that_the_search_did_not_cover_is_searched_for_again(finer, again, monkeypatch):
    """As one that is 256 times as small: all that was learnt of smaller jumps is forgotten."""
    asked = searched(monkeypatch)
    look = look_at(claim=1.0, unbroken=4, sought=True, excused=0.01)
    jumps._along_the_entry(look, known(1.0 - 0.01 / finer))
    assert len(asked) == again
    experience = look.tested.experience
    expected = (1, False, 0.01 / finer) if again else (4, True, 0.01)
    assert (experience.unbroken, experience.sought) == expected[:2]
    assert experience.excused == pytest.approx(expected[2], rel=1e-6)


def test_of_what_one_entry_is_off_by_alone_only_a_fourth_is_covered(monkeypatch):
    """All of the tensor is off by no more, which its slopes along many entries showed: the others need no excuse."""
    asked = searched(monkeypatch)
    look = look_at(claim=1.01)
    jumps.rule_out_along_all(look.tested)
    jumps._along_the_entry(look, known())
    assert [covers for _, _, covers in asked] == [4]
    assert look.tested.experience.excused == pytest.approx(0.01 * 256 / 4)
    jumps._along_the_entry(look_at(claim=1.01, unbroken=1, sought=True), known())  # here they were not
    assert len(asked) == 1


@pytest.mark.parametrize(("finer", "again"), [(3.9, False), (4.1, True)])
def test_what_was_not_covered_alone_is_searched_for_again(finer, again, monkeypatch):
    """A second wrong entry, which is off by less than a fourth of the first."""
    asked = searched(monkeypatch)
    look = look_at(claim=1.0, unbroken=1, sought=True, excused=0.01 * 64)
    jumps._along_the_entry(look, known(1.0 - 0.01 / finer))
    assert [covers for _, _, covers in asked] == [256] * again


def test_a_jump_begins_the_count_anew(monkeypatch):
    """What it leaves unknown is allowed for."""
    searched(monkeypatch, SMALL)
    look = look_at(claim=1.01)
    look.tally.unbroken = 3
    found = jumps._along_the_entry(look, known())
    assert (look.tally.unbroken, look.tested.experience.unbroken) == (0, 0)
    assert found.uncertainty == pytest.approx(8e-6)
    assert look.tested.experience.stopped == pytest.approx(4e-6)


@pytest.mark.parametrize(("sought", "stopped", "number"), [(True, 0.0, 1), (True, 1e-9, 4), (False, 0.0, 4)])
def test_how_many_entries_without_a_jump_are_enough(sought, stopped, number):
    """One, where none was found along all of them; four, where that was not looked for, or one was."""
    assert jumps._convinced(look_at(sought=sought, stopped=stopped)) == number


@pytest.mark.parametrize(
    ("x", "stopped", "unbroken", "excused", "represented"),
    [
        (TWO, 0.0, 4, 250.0, True),
        (TWO, 0.0, 4, 262.0, False),
        (TWO, 0.0, 3, 250.0, False),
        (TWO, 1e-9, 4, 250.0, False),
        (FOUR, 0.0, 4, 250.0, False),
    ],
)
def test_entries_of_other_tensors_speak_for_these(x, stopped, unbroken, excused, represented):
    """Four without a jump, for errors of the same size in units of f; not for one that is alone, or that jumps."""
    look = look_at(x=x, stopped=stopped)
    look.tally.unbroken, look.tally.excused = unbroken, excused * 0.01 * 4.0
    assert jumps._none_elsewhere(look, 0.01) is represented


@pytest.mark.parametrize("slope", [1.0, 8.0])
@pytest.mark.parametrize(
    ("distance", "size", "averaged"),
    [(0.24, 0.19, True), (0.26, 0.19, False), (0.24, 0.21, False)],
)
def test_a_train_of_jumps_is_averaged_by_larger_steps(distance, size, averaged, slope, monkeypatch):
    """Where they lie within a sixteenth of the scale, and are high by a twentieth of what f rises by in it, or less."""
    searched(monkeypatch, Jump(slope * size, distance))
    look, asked = look_at(claim=slope * 1.01), []
    monkeypatch.setattr(jumps.derivative, "estimate", lambda ladder: asked.append(ladder.sigma) or known(0.9, 0.2))
    found = jumps._along_the_entry(look, known(slope))
    assert asked == ([slope * size] if averaged else [])
    assert (found.value == 0.9) if averaged else found is None


@pytest.mark.parametrize(("value", "taken"), [(1.0, "averaged"), (0.5, "allowed for")])
def test_of_a_train_of_small_jumps_the_mean_is_taken_if_it_makes_the_claim_right(value, taken, monkeypatch):
    """Else what they leave unknown is allowed for."""
    searched(monkeypatch, Jump(1e-7, 0.1))
    look = look_at(claim=1.0)
    monkeypatch.setattr(jumps.derivative, "estimate", lambda _: known(value, 1e-9))
    found = jumps._along_the_entry(look, known(0.999))
    assert found.value == (1.0 if taken == "averaged" else 0.999)


def test_along_all_entries_jumps_are_looked_for_once(monkeypatch):
    """In three directions, as long as there is one: a solver jumps whichever way one goes."""
    asked = searched(monkeypatch, SMALL)
    look = look_at(claim=1.01, x=TWO)
    found = jumps._along_the_tensor(look, known())
    assert [(ladder.scale, away) for ladder, away, _ in asked] == [(1.0, pytest.approx(0.04))] * 3
    assert asked[0][0].finest == 2.0**-46
    assert found.uncertainty == pytest.approx(8e-6 / 4)
    assert look.tested.experience.sought
    assert jumps._along_the_tensor(look, known()) is None
    assert jumps._along_the_tensor(look_at(claim=1.01), known()) is None
    assert len(asked) == 3
    asked = searched(monkeypatch)
    assert jumps._along_the_tensor(look_at(claim=1.01, x=TWO), known()) is None
    assert len(asked) == 1


def of_two_tensors():
    """Return one of two tensors under test."""
    oracle = Oracle({"x": TWO, "y": FOUR}, lambda p: float(p["x"].sum() + p["y"].sum()), lambda _: {})
    subject = Subject.of(oracle, promote=False).settled()
    return UnderTest.of(subject, "x", np.ones(2), Standard(largest=1.0), np.random.default_rng(0), sigma=1e-300)


@pytest.mark.parametrize("jump", [None, SMALL])
def test_along_all_tensors_jumps_are_looked_for_once(jump, monkeypatch):
    """Where there are several, and not too many numbers; an error that is 256 times as small is not covered."""
    asked = searched(monkeypatch, jump)
    tested = of_two_tensors()
    assert jumps._none_along_all(tested, 0.5) is (jump is None)
    assert tested.tally.continuous == (0.5 if jump is None else math.inf)
    assert jumps._none_along_all(tested, 0.5 / 250) is (jump is None)
    assert not jumps._none_along_all(tested, 0.5 / 262)
    ((ladder, away, covers),) = asked
    assert (ladder.scale, ladder.finest, away, covers) == (1.0, 2.0**-46, 0.5, 256)
    assert not jumps._none_along_all(look_at(x=TWO).tested, 0.5)
    monkeypatch.setattr(jumps, "VAST", 3)
    assert jumps._none_along_all(tested, 0.5) is (jump is None)
    monkeypatch.setattr(jumps, "VAST", 2)
    assert not jumps._none_along_all(tested, 0.5)


@pytest.mark.parametrize(("part", "kept"), [(0.9, True), (1.1, False)])
@pytest.mark.parametrize("scale", [4.0, 1.0])
def test_jumps_that_a_solver_makes_are_remembered_and_told(part, kept, scale):
    """Where eight of them leave a twentieth of the largest slope unknown, or less; once of each tensor."""
    look = look_at(claim=2.0)
    steep = part * 0.05 * 2.0 * 4.0 / (8 * scale)
    jumps._remember(look, Jump(0.5 * steep, 0.5), scale)
    assert look.tested.experience.stopped == (pytest.approx(steep * scale) if kept else 0)
    assert look.tested.allowed == (pytest.approx(8 * steep * scale) if kept else 0)
    jumps._remember(look, Jump(0.05 * steep, 0.5), scale)
    assert look.tested.experience.stopped == pytest.approx(steep * scale * (1 if kept else 0.1))
    told = [note for note in look.tested.subject.tally.said if "looks like an iteration stopped" in note]
    assert len(told) == 1


def test_a_jump_is_sought_where_slopes_leave_room_for_it(monkeypatch):
    """Down to one that would excuse an error 256 times as small; steps at which they agree so well are clear."""
    asked = {}
    monkeypatch.setattr(jumps, "continuous_along", lambda _, shows: asked.update(shows=shows) or 3.0)
    monkeypatch.setattr(jumps, "jump_nearby", lambda _, scale, sigma, **more: asked.update(more, at=(scale, sigma)))
    look = look_at()
    jumps._jump(look.ladder, 0.25, 2.0)
    assert asked == {"shows": 2.0 / 4096, "clear": 3.0, "least": 2.0 / 2048, "at": (4.0, 0.25)}
    jumps._jump(look.ladder, 0.25, 2.0, 4)
    assert asked == {"shows": 2.0 / 64, "clear": 3.0, "least": 2.0 / 32, "at": (4.0, 0.25)}


def test_what_was_ruled_out_along_all_is_not_sought_again():
    """For any entry of the tensor."""
    look, _ = on_the_sine()
    jumps.rule_out_along_all(look.tested)
    assert look.tested.experience.sought
