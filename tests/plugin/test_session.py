"""What a session knows: the rows of its tests, wherever they ran, and what was set for all of them."""

from __future__ import annotations

import pytest

from gradcheck._plugin.row import ROWS
from gradcheck._plugin.session import SESSION


def test_an_attempt_in_another_process_takes_the_place_of_the_first(pytester):
    """A worker that crashed has its test run again by another: still one row, the last."""
    session = pytester.parseconfigure().stash[SESSION]
    for worker, severity in (("gw0", 6), ("gw1", 1)):
        place, row = ("test_it.py", 1, "test"), {"severity": severity}
        told = {"worker_id": worker, ROWS: [row]}
        session.pytest_runtest_logreport(
            pytest.TestReport("test_it.py::test", place, {}, "passed", None, "teardown", **told)
        )
    assert list(session.rows.values()) == [[{"severity": 1}]]


def test_the_header_names_the_seed_and_what_else_was_set(run):
    """So that the run can be repeated; -q leaves it out."""
    run("").stdout.fnmatch_lines(["gradcheck: seed 0"])
    run("", "--gradcheck-seed=3", "--gradcheck-entries=7").stdout.fnmatch_lines(["gradcheck: seed 3, entries 7"])
    run("", "-q", "--gradcheck-seed=3").stdout.no_fnmatch_line("*gradcheck: seed*")
