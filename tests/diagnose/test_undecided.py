"""Is it said what stood in the way of a decision, and only then?"""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from made import report as report_of
from made import tensor

from gradcheck import Verdict, check_gradients
from gradcheck._diagnose.undecided import helps
from gradcheck._results.errors import CallError, InputError
from gradcheck._results.estimate import Rung

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


OPEN, RIGHT, WRONG, BROKEN = Verdict.UNDECIDED, Verdict.CORRECT, Verdict.WRONG, Verdict.BROKEN


def rung(step, sigma=1e-3, side=1.0):
    """Return a rung of a function of so much noise; of one that raised, if a side is no number."""
    return Rung(step, side, 1.0, 3 * sigma / (step * np.sqrt(2)))


def helped(
    codes,
    rungs=None,
    *,
    trouble=None,
    raised=0,
    rounding=1e-6,
    eps=2.0**-52,
    drawn=False,
    named=(),
    base=-300.0,
    **fields,
):
    """Return what would help a check that came out so, of a function of so coarse a rounding."""
    made = tensor(codes, rungs={0: rungs or (rung(0.5),)}, name="x", **fields)
    tally = SimpleNamespace(trouble=trouble, raised=raised, evaluations=40, named=named)
    subject = SimpleNamespace(
        tally=tally,
        rounding=lambda: rounding,
        eps=eps,
        base=np.array([base, base / 150]),
        pins=SimpleNamespace(drawn=drawn),
    )
    return helps(report_of(made), subject)


def test_noise_of_a_hundred_roundings_is_not_from_rounding():
    """The median of all that was seen; more of it has another remedy."""
    for times, words in (
        (0.9, "the function, about 3e+2, is rounded to a relative 2e-16; leave out"),
        (1.1, "noise of"),
    ):
        rungs = tuple(rung(h, times * 1e-4) for h in (0.5, 0.25, 0.125))
        (said,) = helped([OPEN], rungs)
        assert said.startswith("to decide on x: ")
        assert words in said
    (single,) = helped([OPEN], (rung(0.5, 1e-9),), eps=2.0**-23)
    assert "is rounded to a relative 1e-7; compute it in float64, or leave out" in single
    (random,) = helped([OPEN], drawn=True)
    assert "the gradient of the expectation?" in random
    mixed = (rung(0.5, 1e-9), rung(0.25, np.nan), rung(0.125, 1e-9), rung(0.1, 1.0))
    assert "is rounded" in helped([OPEN], mixed)[0]
    assert helped([OPEN], (rung(0.5, np.nan),)) == ()


def at(step, slope, noise):
    return Rung(step, slope, slope, noise)


@pytest.mark.parametrize(
    ("rungs", "agree"),
    [
        ((at(0.5, 1.0, 1e-9), at(0.1, 1.001, 1e-9), at(1e-9, 3.0, 1.0)), True),
        ((at(0.5, 1.0, 1e-9), at(0.1, 1.01, 1e-9)), False),
        ((at(0.5, 1.0, 1e-2), at(0.1, 1.0, 1e-2)), False),
        ((at(0.5, 1.0, 1e-9), at(0.1, 2.0, 1e-9), at(0.02, 1.0, 1e-9)), False),
    ],
    ids=["they do", "roughly", "rounded", "not one after the other"],
)
def test_steps_that_agree_are_not_hidden_by_rounding(rungs, agree):
    """Where a slope is known to a tenth, and two steps agree to a thousandth, something else is in the way."""
    (said,) = helped([OPEN], rungs, uncertainty=0.1)
    assert ("some steps agree on a slope, and others do not" in said) is agree


def test_what_was_decided_or_is_explained_needs_no_help():
    """Unless it raised on the way."""
    assert helped([RIGHT]) == helped([WRONG]) == ()
    assert helped([OPEN], named=("x",)) == ()
    assert helped([RIGHT], trouble=ValueError("no"), raised=3) == (
        "the function raised ValueError: no, at 3 of 40 evaluations; they were left out",
    )
    assert helped([RIGHT], trouble=ValueError("no")) == ()


@pytest.mark.parametrize(
    ("steps", "words", "alone"),
    [
        ({0.5: False, 0.25: False}, ", at every step that was tried, from 2e-1 to 5e-1", True),
        ({0.5: False, 0.25: True}, ", at steps of 5e-1 and above", False),
        ({0.5: True, 0.25: False}, ", at steps as small as 2e-1", False),
        ({0.5: False, 0.25: True, 0.125: False}, ", at steps as small as 1e-1", False),
        ({0.5: True, 0.25: True}, None, False),
    ],
)
@pytest.mark.parametrize("code", [OPEN, BROKEN])
def test_at_which_steps_it_raised(steps, words, alone, code):
    """Of what was left open; where no step was possible it is all that is said."""
    for side in ("left", "right"):
        made = tuple(replace(rung(h), **({} if went else {side: np.nan})) for h, went in steps.items())
        said = helped([code], made, trouble=ValueError("no"))
        raised = [s for s in said if "raised" in s]
        assert raised == ([] if words is None else [f"on x: the function raised ValueError: no{words}"])
        assert (said == tuple(raised)) is (alone or code is BROKEN)


def test_where_nothing_was_tried_no_steps_are_told():
    """It raised elsewhere; of our own errors the first line is as it is, and a long one is cut."""
    made = tensor([OPEN], name="x")
    tally = SimpleNamespace(
        trouble=CallError("the function returned nothing\nand more"), raised=0, evaluations=1, named=()
    )
    subject = SimpleNamespace(tally=tally)
    assert helps(report_of(made), subject) == ("on x: the function returned nothing",)
    for length, cut in ((200, False), (201, True)):
        tally.trouble = InputError("a" * length)
        (said,) = helps(report_of(made), subject)
        assert said.endswith("...") is cut
        assert len(said) == len("on x: ") + 200


def test_what_is_lost_beside_a_one_is_said_to_be():
    """With what keeps it; where something moves f, the note is another."""
    x = np.array([1e-9, 2e-9])
    report = check_gradients(lambda x: float(np.log(1 + x @ x)), x, grad=lambda x: 2 * x)
    assert report.verdict is Verdict.UNDECIDED
    assert "compute it by log1p or expm1, or choose a larger point" in "; ".join(report.notes)
    report = check_gradients(lambda x: 1e16 + float(x @ x), 1e9 * x, grad=lambda x: 2 * x)
    assert "log1p" not in "; ".join(report.notes)


AT_A_STEP = np.array([0.0, 1.0, -2.0])


def kinked(x):
    return float(np.abs(x).sum() + x @ x)


@pytest.mark.parametrize(
    ("f", "keywords", "said"),
    [
        (lambda x: float(np.sign(x).sum() + x @ x), {"grad": lambda x: 2 * x}, "x[0]: the function is not continuous"),
        (lambda x: np.sign(x) + x, {"jac": lambda x: np.eye(3)}, "J[0,0]: f is not continuous"),
        (
            kinked,
            {"grad": lambda x: np.sign(x) + 2 * x, "hess": lambda x: 2 * np.eye(3)},
            "H[0,0]: the gradient, as where the function has a kink, is not continuous",
        ),
    ],
)
def test_a_jump_at_the_point_is_named(f, keywords, said):
    """With what jumps: the verdict alone lists all that may be broken."""
    report = check_gradients(f, AT_A_STEP, **keywords)
    assert report.verdict is Verdict.BROKEN
    assert any(note.startswith(said) for note in report.notes)
    beside = check_gradients(f, AT_A_STEP + 0.5, **keywords)
    assert not any("is not continuous" in note for note in beside.notes)


@pytest.mark.parametrize(
    ("base", "left", "right", "lost"),
    [(0.0, 0.0, 0.0, True), (0.0, 1e-9, 0.0, False), (0.0, 0.0, 1e-9, False), (1.0, 0.0, 0.0, False)],
)
def test_only_a_function_of_zero_that_nothing_moves_has_lost_what_is_beside_a_one(base, left, right, lost):
    """To either side."""
    (said,) = helped([OPEN], (Rung(0.5, left, right, 1e-9),), base=base)
    assert ("log1p" in said) is lost
