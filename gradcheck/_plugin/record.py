"""Which checks did a test make? Of each model the worst, and how often; as rows and as properties for JUnit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from gradcheck._render.escape import visible
from gradcheck._render.faces import render
from gradcheck._render.rows import counts, foremost, summary
from gradcheck._results.report import Report
from gradcheck._results.run import Check, Run
from gradcheck._results.verdict import Verdict

if TYPE_CHECKING:
    from gradcheck._plugin.row import Row


@dataclass
class Made:
    """The checks that a test made of one model: the worst of them, and where it was called."""

    report: Report
    file: str = ""  # below the folder of the session
    line: int = 0
    failed: bool = False  # it raised
    times: int = 1
    case: str = ""  # the file that repeats it


MADE = pytest.StashKey[dict[str, Made]]()  # on the test, by the name of the model
FAILED = pytest.StashKey[bool]()  # likewise


def note(item: pytest.Item | None, made: Made) -> None:
    """Note a check on its test; of the checks of one model the worst stays, the last of them.

    A test of Hypothesis makes hundreds of checks, and the last that fails is the smallest example.
    """
    if item is None:  # a fixture that is taken down after the last test
        return
    before = item.stash.setdefault(MADE, {})
    other = before.get(made.report.name)
    if other is not None:
        made.times = other.times = other.times + 1
    if other is None or made.report.verdict >= other.report.verdict:
        before[made.report.name] = made


def row(made: Made, item: pytest.Item, *, full: bool) -> Row:
    """Return what is said of a model; with `full` the whole report as well."""
    report = made.report
    check = Check(report, item.nodeid, made.file, made.line, made.times, made.case)
    return {
        "severity": int(report.verdict),
        "verdict": str(report.verdict),
        "name": visible(report.name),
        "text": visible(summary(report)),
        "checks": made.times,
        "expected": made.failed and not item.stash.get(FAILED, False),
        "page": render(Run((check,)), "json") if full else "",
    }


def properties(made: Made) -> Iterator[tuple[str, str]]:
    """Yield the properties of a model for the JUnit file: names and values."""
    report = made.report
    yield "gradcheck.model", visible(report.name)
    yield "gradcheck.verdict", str(report.verdict)
    yield "gradcheck.entries", counts(report)
    tensor = foremost(report)
    if tensor is not None and tensor.worst is not None and report.verdict > Verdict.UNTESTED:
        yield "gradcheck.worst", visible(tensor.worst.name)
    yield "gradcheck.seed", str(report.seed)
    yield "gradcheck.checks", str(made.times)
    if made.case:
        yield "gradcheck.case", made.case
