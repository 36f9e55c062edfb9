"""How does a report look on GitHub? As annotations on the lines at fault: commands to the runner, one a line."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from gradcheck._render.checks import run_page
from gradcheck._render.escape import encodable, visible
from gradcheck._render.failure import failure_message
from gradcheck._render.figures import count
from gradcheck._render.rows import foremost
from gradcheck._results.run import Check, Run
from gradcheck._results.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradcheck._results.report import Report

SHOWN = 10  # of one level; GitHub shows no more of a step
LEVELS = (("error", (Verdict.WRONG, Verdict.BROKEN)), ("warning", (Verdict.UNDECIDED, Verdict.UNTESTED)))


def render(report: Report) -> str:
    """Return the report as a command to the runner, and a summary."""
    return render_run(Run((Check(report),)))


def render_run(run: Run) -> str:
    """Return a command for each report that needs a look, as many as GitHub shows, and a summary."""
    return "".join(f"{line}\n" for line in _lines(run))


def command(level: str, message: str, **properties: str | int) -> str:
    """Return a command to the runner: error, warning or notice; properties that say nothing are left out."""
    said = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value)
    return encodable(f"::{level}{' ' * bool(said)}{said}::{_data(message)}")


def _lines(run: Run) -> Iterator[str]:
    shown, left = run_page(run), 0
    for level, verdicts in LEVELS:
        checks = [check for check in shown.shown if check.report.verdict in verdicts]
        left += max(0, len(checks) - SHOWN)
        yield from (_annotation(level, check) for check in islice(checks, SHOWN))
    more = f"; {count(left)} of them not annotated" if left else ""
    yield command("notice", f"{shown.counts}{more}", title=visible(shown.title))


def _annotation(level: str, check: Check) -> str:
    message = [failure_message(check.report)]
    message += [f"test     {visible(check.test)}"] * bool(check.test)
    message += [f"repeat   gradcheck replay {visible(check.case)}"] * bool(check.case)
    return command(level, "\n".join(message), file=check.file, line=check.line, title=_title(check.report))


def _title(report: Report) -> str:
    first = foremost(report)
    entry = f" {first.worst.name} of" if first is not None and first.wrong and first.worst else ""
    return visible(f"{report.verdict}{entry} {report.name}")


def _data(text: str) -> str:
    """Return a message as the runner takes it: a percent sign and the ends of lines are spelled out."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Return the value of a property, in which a colon and a comma mean something too."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
