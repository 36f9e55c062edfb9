"""What does a check add to the report of its test? The table of a failure, its case, and a row."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gradcheck._plugin.record import FAILED, MADE, Made, properties, row
from gradcheck._plugin.row import ROWS
from gradcheck._plugin.saved import PENDING
from gradcheck._render.text import render
from gradcheck._results.errors import GradientError

SECTION = "Captured gradcheck report"  # --show-capture=no hides what begins so


def prepare(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Put properties on a test before the last of its reports copies them."""
    if call.when == "teardown":
        item.user_properties += [pair for made in item.stash.get(MADE, {}).values() for pair in properties(made)]


def complete(report: pytest.TestReport, item: pytest.Item, call: pytest.CallInfo[None], *, full: bool) -> None:
    """Add to a report the tables of what failed, and to the last one of a test its rows."""
    made = [*item.stash.get(MADE, {}).values()]
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    if report.failed and call.excinfo is not None:
        for error in failures(call.excinfo.value):
            if error.report is not None:
                report.sections.append((SECTION, render(error.report, told=str(error))))
            _save(error, made, report)
    if call.when == "teardown":
        vars(report)[ROWS] = [row(one, item, full=full) for one in made]
        item.stash[MADE] = {}
        item.stash[FAILED] = False
        # A test that is run again starts from nothing.
        item.user_properties[:] = [pair for pair in item.user_properties if not pair[0].startswith("gradcheck.")]


def failures(error: BaseException | None) -> Iterator[GradientError]:
    """Yield the gradient errors in an exception: itself, the members of a group, and what it came from."""
    if isinstance(error, GradientError):
        yield error
    elif isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield from failures(member)
    elif error is not None:
        yield from failures(error.__cause__ or (None if error.__suppress_context__ else error.__context__))


def _save(error: GradientError, made: list[Made], report: pytest.TestReport) -> None:
    """Write the case of a failure, and note it where it was checked."""
    pending = PENDING.pop(error, None)
    if pending is None:
        return
    try:
        pending.case.write(pending.folder)
    except OSError as trouble:
        report.sections.append((SECTION, f"the case could not be saved: {trouble.strerror}"))
        return
    for one in made:
        if one.report is error.report:
            one.case = pending.shown
