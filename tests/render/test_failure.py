"""The message of a failing test: ten lines at most, and nothing invented."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._render.failure import failure_message
from gradcheck._render.rows import summary
from gradcheck._results.estimate import Rung
from gradcheck._results.report import Problem
from gradcheck._results.verdict import Verdict


def test_a_wrong_weight_is_told_in_seven_lines(mlp):
    """Which entry, where, how many, how far off, how sure, and the probable cause."""
    expected = """\
W2[5,0]  claimed -0.158096, measured -0.0790481 ± 7e-11
where    W2 (10, 64) float64 of MLP
extent   1 of 640 entries of W2; W1, b1, b2 agree
size     off by 0.079, 1e9 times the uncertainty
trust    same slope at 4 steps from 1e-1 to 1e-5; left and right agree: no kink, no rounding
pattern  exactly twice the measured value: this term looks counted twice"""
    assert failure_message(mlp) == expected


def line(report, label):
    """Return what a message says under a label, or None."""
    lines = failure_message(report).splitlines()
    return next((x[9:] for x in lines if x[:9] == label.ljust(9)), None)


def rungs(*slopes, noise=0.0):
    """Return a ladder of (left, right) slopes."""
    return {320: tuple(Rung(10.0**-n, *s, noise) for n, s in enumerate(slopes, start=2))}


RIGHT = (-0.0790481, -0.0790481)


@pytest.mark.parametrize(
    ("ladder", "expected"),
    [
        ({}, None),
        (rungs(RIGHT), None),
        (rungs(RIGHT, (5.0, 9.0), (7.0, 7.0)), None),
        (
            rungs((5.0, 5.0), RIGHT, RIGHT),
            "same slope at steps 1e-3, 1e-4; left and right agree: no kink, no rounding",
        ),
        (
            rungs(RIGHT, RIGHT, noise=1.0),
            "same slope at steps 1e-2, 1e-3; left and right agree: no kink",
        ),
    ],
    ids=["no ladder", "one step", "no two alike", "two alike", "noisy"],
)
def test_trust_rests_on_the_steps_that_were_taken(report, wrong, ladder, expected):
    """Two steps at least must agree, to a tenth of what is at stake; else the line is left out."""
    assert line(report(wrong(rungs=ladder)), "trust") == expected


def test_a_claim_outside_a_kink_shows_both_slopes(report, wrong):
    """Where left and right differ, the message says so and claims no more."""
    sides = (-1.0, -0.0790481)
    tensor = wrong(rungs=rungs((-1.0, 0.5), sides, sides, (-0.5, sides[1])), lefts=np.full(640, -1.0))
    assert line(report(tensor), "trust") == (
        "same slope at steps 1e-3, 1e-4; it is -1 on the left and -0.0790481 on the right: a kink,"
    )


def test_a_slope_without_end_is_told_by_its_growth(report, wrong):
    """From the coarsest step to the finest, and what the other side is."""
    ladder = {320: tuple(Rung(step, 0.0, step**-0.5, 0.0) for step in (0.25, 1e-4, 1e-8))}
    endless = {"rungs": ladder, "estimate": np.inf, "rights": np.full(640, np.inf)}
    told = line(report(wrong(**endless, lefts=np.full(640, np.nan))), "trust")
    assert told == "the slope grows from 2 at a step of 2e-1 to 1e4 at 1e-8, and on"
    beside = failure_message(report(wrong(**endless, lefts=np.full(640, 0.0))))
    assert f"{told}; it is 0 on the left and inf on the right" in " ".join(beside.split())
    assert line(report(wrong(**(endless | {"rungs": {}}), lefts=np.full(640, 0.0))), "trust") is None


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([], "1 of 640 entries of W2"),
        ([("b", Verdict.CORRECT)], "1 of 640 entries of W2; b agrees"),
        ([("b", Verdict.UNTESTED)], "1 of 640 entries of W2; b untested"),
        ([("b", Verdict.KINK)], "1 of 640 entries of W2; b agrees as far as a kink allows"),
        (
            [("a", Verdict.CORRECT), ("b", Verdict.UNDECIDED), ("c", Verdict.CORRECT)],
            "1 of 640 entries of W2; b undecided; a, c agree",
        ),
        (
            [(f"b{n}", Verdict.CORRECT) for n in range(7)],
            "1 of 640 entries of W2; b0, b1, b2, b3 and 3 more agree",
        ),
    ],
    ids=["alone", "one agrees", "untested", "kink", "several", "many"],
)
def test_the_extent_says_how_the_others_fare(report, wrong, tensor, others, expected):
    """Which tensors agree narrows the search as much as which does not."""
    rest = [tensor(name=name, shape=(1,), verdict=verdict) for name, verdict in others]
    assert line(report(wrong(), *rest), "extent") == expected


def test_a_sample_is_called_one(report, wrong):
    """Where not all entries were checked, the message says of how many."""
    assert line(report(wrong(shape=(100, 200), checked=640)), "extent") == (
        "1 of 640 checked entries of W2, which has 20,000"
    )


@pytest.mark.parametrize(
    ("claim", "uncertainty", "expected"),
    [
        (np.nan, 1e-9, "the claim is not finite"),
        (np.inf, 1e-9, "the claim is not finite"),
        (0.5, 0.0, "off by 0.58, where nothing is uncertain"),
        (0.5, 0.001, "off by 0.58, 6e2 times the uncertainty"),
    ],
)
def test_the_size_is_a_distance_and_a_multiple(report, wrong, claim, uncertainty, expected):
    """Not finite is not a distance, and nothing is divided by zero."""
    assert line(report(wrong(claim=claim, uncertainty=uncertainty)), "size") == expected


def test_the_largest_discrepancy_leads(report, wrong):
    """Of two wrong tensors the message is about the one that is further off."""
    slightly = wrong(name="W1", uncertainty=1e-3)
    assert failure_message(report(slightly, wrong())).startswith("W2[5,0]")
    assert failure_message(report(wrong(), slightly)).startswith("W2[5,0]")


def test_another_point_is_named(report, wrong):
    """An entry that is wrong at a neighbouring point says so."""
    found = report(wrong(places={320: "a point nearby"}))
    assert line(found, "where") == "W2 (10, 64) float64 of MLP, at a point nearby"


def test_what_is_broken_says_why(report):
    """The sentences of the problems are the message."""
    problems = [Problem(Verdict.BROKEN, s) for s in ("f raised ValueError", "f changes x")]
    message = failure_message(report(problems=tuple(problems), notes=("try float64",)))
    assert message.splitlines() == [
        "BROKEN  MLP: f raised ValueError",
        "also     f changes x",
        "note     try float64",
    ]


def test_what_is_undecided_says_what_would_help(report, tensor):
    """The worst entry, the extent, and the notes."""
    noisy = tensor(verdict=Verdict.UNDECIDED, claim=0.25, estimate=0.5, uncertainty=2.0, n=640)
    assert failure_message(report(noisy, notes=("use float64",))).splitlines() == [
        "UNDECIDED  MLP: the function is too noisy or too rough to tell",
        "worst    W2[0,0] claimed 0.25, measured 0.5 ± 2",
        "extent   W2 undecided",
        "note     use float64",
    ]


def test_what_is_untested_invents_no_entry(report, tensor):
    """Nothing moved: there is no worst entry to show."""
    dead = tensor(verdict=Verdict.UNTESTED, claim=0.0, estimate=0.0, uncertainty=0.0, n=640)
    lines = failure_message(report(dead, tensor(name="b", shape=()))).splitlines()
    assert lines[0].startswith("UNTESTED  MLP: both sides are zero")
    assert line(report(dead), "worst") is None


def test_a_message_has_ten_lines_at_most(report, wrong):
    """However many problems there are, and however long their sentences."""
    problems = tuple(Problem(Verdict.BROKEN, "word " * 200) for _ in range(9))
    message = failure_message(report(wrong(), problems=problems, diagnosis=("word " * 200,)))
    assert len(message.splitlines()) == 10
    assert max(map(len, message.splitlines())) <= 102


@pytest.mark.parametrize("verdict", [Verdict.CORRECT, Verdict.UNDECIDED])
def test_a_summary_counts(report, tensor, verdict):
    """One line: how many entries got which verdict."""
    expected = {1: "640 correct", 4: "1 undecided, 639 correct"}[verdict]
    assert summary(report(tensor(verdict=verdict))) == expected


def test_a_summary_names_the_worst(mlp):
    """One line: what is wrong, and the worst of it."""
    assert summary(mlp) == "1 wrong, 2,729 correct, worst W2[5,0]"
