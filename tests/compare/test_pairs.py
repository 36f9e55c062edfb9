"""Comparing two runs: what is told, and whether it is for the worse."""

from __future__ import annotations

import numpy as np
import pytest
from comparing import check, run, tensor

from gradcheck import Verdict
from gradcheck._compare.changes import Grade
from gradcheck._compare.pairs import compare
from gradcheck._results.report import Problem


def told(comparison):
    return [(change.what, change.grade, change.tensor, change.was, change.now) for change in comparison.changes]


@pytest.mark.parametrize(
    ("was", "now", "what", "grade"),
    [
        (Verdict.CORRECT, Verdict.WRONG, "newly wrong", Grade.WORSE),
        (Verdict.CORRECT, Verdict.BROKEN, "newly broken", Grade.WORSE),
        (Verdict.KINK, Verdict.UNDECIDED, "newly undecided", Grade.WORSE),
        (Verdict.CORRECT, Verdict.UNTESTED, "newly untested", Grade.WORSE),
        (Verdict.UNDECIDED, Verdict.WRONG, "newly wrong", Grade.WORSE),
        (Verdict.WRONG, Verdict.CORRECT, "newly right", Grade.BETTER),
        (Verdict.UNTESTED, Verdict.KINK, "newly a kink", Grade.BETTER),
        (Verdict.WRONG, Verdict.UNDECIDED, "newly undecided", Grade.DIFFERENT),
        (Verdict.CORRECT, Verdict.KINK, "newly a kink", Grade.DIFFERENT),
    ],
)
def test_a_verdict_that_changed_is_told(was, now, what, grade):
    """By its new name; it is worse where less is right, better where all is."""
    found = compare(run(check(tensor(verdict=was))), run(check(tensor(verdict=now))))
    assert told(found) == [(what, grade, "W", str(was), str(now))]


def test_what_is_the_same_is_not_told():
    """However wrong it is."""
    both = run(check(tensor(), tensor("b", Verdict.WRONG)), check(tensor(), model="Other"))
    found = compare(both, both)
    assert (found.changes, found.same, found.verdict, found.notes) == ((), 3, "SAME", ())


def test_a_breach_of_the_protocol_is_told():
    """A gradient that changes from call to call has no tensors any more: they are not gone, it is broken."""
    problem = Problem(Verdict.BROKEN, "the gradient changes from call to call")
    before, after = run(check(tensor(), tensor("b"))), run(check(problems=(problem,)))
    assert told(compare(before, after)) == [("newly broken", Grade.WORSE, "", "CORRECT", "BROKEN")]
    assert told(compare(after, before)) == [
        ("appeared", Grade.DIFFERENT, "W", "", "CORRECT"),
        ("appeared", Grade.DIFFERENT, "b", "", "CORRECT"),
        ("newly right", Grade.BETTER, "", "BROKEN", "CORRECT"),
    ]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (1e-8, [("less certain", Grade.LESS, "W", "± 1e-10", "± 1e-8")]),
        (2e-12, [("more certain", Grade.BETTER, "W", "± 1e-10", "± 2e-12")]),
        (9e-10, []),
        (0.0, []),
        (np.inf, [("less certain", Grade.LESS, "W", "± 1e-10", "± inf")]),
    ],
)
def test_an_uncertainty_that_moved_is_told(now, expected):
    """By more than a factor of ten; what is not uncertain at all cannot move."""
    assert told(compare(run(check(tensor())), run(check(tensor(uncertainty=now))))) == expected


def test_the_factor_may_be_another():
    """Two, for those who look closely."""
    before, after = run(check(tensor())), run(check(tensor(uncertainty=3e-10)))
    assert compare(before, after).changes == ()
    assert compare(before, after, factor=2).counts == {"less certain": 1}


def test_entries_that_are_checked_no_more_are_told():
    """Fewer is less; more is no matter."""
    before, after = run(check(tensor(n=8))), run(check(tensor(n=1)))
    assert told(compare(before, after)) == [("fewer entries", Grade.LESS, "W", "8 checked", "1 checked")]
    assert told(compare(after, before)) == [("more entries", Grade.DIFFERENT, "W", "1 checked", "8 checked")]


def test_what_comes_and_goes_is_told():
    """Tensors and whole checks; what comes and is not right makes it worse."""
    before = run(check(tensor("old")), check(tensor(), model="Gone"))
    after = run(check(tensor("new")), check(tensor(verdict=Verdict.WRONG), model="Come"))
    assert told(compare(before, after)) == [
        ("newly wrong", Grade.WORSE, "", "", "WRONG"),
        ("vanished", Grade.LESS, "old", "CORRECT", ""),
        ("vanished", Grade.LESS, "", "CORRECT", ""),
        ("appeared", Grade.DIFFERENT, "new", "", "CORRECT"),
    ]


def test_checks_are_matched_by_test_and_model():
    """In whatever order; of several alike the first belongs to the first."""
    one, two = check(tensor(), test="a"), check(tensor(verdict=Verdict.WRONG), test="b")
    assert compare(run(one, two), run(two, one)).verdict == "SAME"
    before = run(check(tensor()), check(tensor("V")))
    found = compare(before, run(check(tensor(verdict=Verdict.WRONG)), check(tensor("V", Verdict.BROKEN))))
    assert told(found) == [
        ("newly wrong", Grade.WORSE, "W", "CORRECT", "WRONG"),
        ("newly broken", Grade.WORSE, "V", "CORRECT", "BROKEN"),
    ]


def test_what_was_different_about_the_runs_is_noted():
    """Versions and seeds may explain what changed."""
    before, after = run(check(tensor())), run(check(tensor(), seed=3, environment={"numpy": "2.1", "torch": "3"}))
    assert compare(before, after).notes == (
        "numpy: 2.0 before, 2.1 now",
        "seed: 0 before, 3 now",
        "torch: none before, 3 now",
    )
