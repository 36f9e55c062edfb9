"""A run is its checks: the worst of them is its verdict, and each has a name of its own."""

from __future__ import annotations

import pytest
from made import report, tensor

from gradcheck import Check, Run, Verdict

WRONG, FINE = report(tensor([Verdict.WRONG], [1.0])), report(tensor([Verdict.CORRECT]))


def test_one_wrong_check_makes_a_run_wrong():
    """However many are right beside it."""
    run = Run((Check(FINE), Check(WRONG), Check(FINE)))
    assert run.verdict is Verdict.WRONG
    assert run.counts == {Verdict.CORRECT: 2, Verdict.WRONG: 1}


def test_a_run_of_right_checks_is_correct():
    """And one of none has tested nothing."""
    assert Run((Check(FINE), Check(FINE))).verdict is Verdict.CORRECT
    assert Run(()).verdict is Verdict.UNTESTED


def test_a_run_has_no_truth_value():
    """Undecided is not false."""
    with pytest.raises(TypeError, match=r"run\.verdict is Verdict\.CORRECT"):
        bool(Run((Check(FINE),)))


@pytest.mark.parametrize(
    ("where", "place"),
    [({"file": "t.py", "line": 7}, "t.py:7"), ({"file": "t.py"}, "t.py"), ({"line": 7}, ""), ({}, "")],
)
def test_a_check_says_where_it_was_made_as_far_as_that_is_known(where, place):
    """A line without a file is no place."""
    assert Check(FINE, **where).place == place


def test_a_check_is_named_by_its_test_and_its_model():
    """By the model alone where there is no test."""
    assert Check(FINE, test="t.py::test_net").name == "t.py::test_net  MLP"
    assert Check(FINE).name == "MLP"


def test_a_report_alone_is_a_run_of_one_check():
    """With its name; a run stays what it is."""
    run = Run.of(WRONG)
    assert [check.report for check in run.checks] == [WRONG]
    assert run.title == "MLP"
    assert Run.of(run) is run


def test_what_was_saved_is_read_back(tmp_path):
    """A run as a run, and a report as a run of one check."""
    Run((Check(WRONG, test="t"), Check(FINE)), "mine").save(tmp_path / "run.json")
    again = Run.load(tmp_path / "run.json")
    assert (again.title, [c.name for c in again.checks]) == ("mine", ["t  MLP", "MLP"])
    WRONG.save(tmp_path / "report.json")
    assert [c.report.verdict for c in Run.load(tmp_path / "report.json").checks] == [Verdict.WRONG]
