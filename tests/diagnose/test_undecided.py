"""Is it said what stood in the way of a decision, and only then?"""

from __future__ import annotations

import re

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients

X = np.array([0.3, 1.0, 2.0])


def within(reach, offset=0.0, jump=0.0, words="too far"):
    """Return a function that raises where it is moved by more than its reach."""

    def f(x):
        if np.max(np.abs(x - X)) > reach:
            raise ValueError(words)
        return offset + np.sum(np.sin(x)) + jump * (x[0] > X[0])

    return f


def test_a_function_that_raises_at_every_step_is_quoted():
    """It is the one thing that helps: of its rounding nothing is known."""
    report = check_gradients(within(0.0), X, grad=np.cos)
    assert report.verdict is Verdict.UNDECIDED
    nowhere, note = report.notes
    assert nowhere.startswith("no nearby point could be checked")
    assert note.startswith("on x: the function raised ValueError: too far, at every step that was tried, from ")


def test_the_steps_at_which_it_raised_are_told():
    """Where the others left it undecided, for a reason that is told first."""
    report = check_gradients(within(1e-7, offset=1e9), X, grad=np.cos)
    assert report.verdict is Verdict.UNDECIDED
    _, rounding, raised = report.notes
    assert rounding.startswith("to decide on x: the function, about 1e+9, is rounded")
    assert raised == "on x: the function raised ValueError: too far, at steps of 1e-7 and above"


def test_what_is_broken_is_explained_as_well():
    """A jump, in a function that raises at large steps."""
    report = check_gradients(within(1e-7, jump=1e9), X, grad=np.cos)
    assert report.verdict is Verdict.BROKEN
    assert report.notes[1].startswith("on x: the function raised ValueError: too far, at steps of ")


def test_a_slope_without_end_is_said_to_be_one():
    """Instead of the rounding of the function: a finite one lies beyond all steps."""
    report = check_gradients(
        lambda p: np.sum(p * np.log(p + 1e-20)),
        np.array([0.0, 0.5]),
        grad=lambda p: np.log(p + 1e-20) + p / (p + 1e-20),
    )
    assert report.verdict is Verdict.UNDECIDED
    (note,) = report.notes
    assert note.startswith("to decide on p[0]: its slope keeps growing")
    assert "-46.0517 is claimed" in note


@pytest.mark.parametrize("grad", [np.cos, lambda x: 2 * np.cos(x)], ids=["right", "wrong"])
def test_what_was_decided_needs_no_excuse(grad):
    """How often it raised on the way is said, and no more."""
    report = check_gradients(within(1e-3), X, grad=grad, neighbours=0)
    assert report.verdict in (Verdict.CORRECT, Verdict.WRONG)
    (note,) = report.notes
    assert re.fullmatch(r"the function raised ValueError: too far, at \d+ of \d+ evaluations; they were left out", note)
    assert check_gradients(within(np.inf), X, grad=grad).notes == ()


def test_what_was_left_open_without_an_exception_has_none():
    """Noise is explained by noise."""
    report = check_gradients(within(np.inf, offset=1e15), X, grad=np.cos)
    assert report.verdict is Verdict.UNDECIDED
    assert not any("raised" in note for note in report.notes)


def test_a_long_message_is_cut():
    """To one line that can be read."""
    report = check_gradients(within(0.0, words="a" * 1000 + "\nand more"), X, grad=np.cos)
    assert all(len(note) < 300 for note in report.notes)
    assert "aaa..., at every step" in report.notes[1]
