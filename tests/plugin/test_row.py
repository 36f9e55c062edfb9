"""What crosses from a worker to its controller: plain data, and nothing else."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import get_type_hints

import pytest

from gradcheck import Verdict
from gradcheck._plugin.record import Made, row
from gradcheck._plugin.row import ROWS, Row
from gradcheck._results.report import Problem, Report


@pytest.fixture
def told():
    """Return the row of a report with a problem, as a test leaves it."""
    report = Report("net\n", 0, {}, (Problem(Verdict.BROKEN, "it changes its input"),))
    item = SimpleNamespace(nodeid="test_it.py::test", stash={})
    return row(Made(report, failed=True, times=2), item, full=True)


def test_a_row_holds_what_json_can_hold(told):
    """A number of NumPy would end a worker; the name stands on one line."""
    assert json.loads(json.dumps(told)) == told
    assert {name: type(value) for name, value in told.items()} == get_type_hints(Row)
    assert (told["name"], told["verdict"], told["checks"], told["expected"]) == ("net", "BROKEN", 2, True)


def test_the_attribute_survives_the_way_between_processes(pytester, told):
    """A report of pytest carries it along."""
    report = pytest.TestReport("t", ("t.py", 1, "t"), {}, "passed", None, "teardown", **{ROWS: [told]})
    again = pytest.TestReport._from_json(json.loads(json.dumps(report._to_json())))
    assert vars(again)[ROWS] == [told]
