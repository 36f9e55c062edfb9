"""What does the table of a run say? One row for each check, worst first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradcheck._render.figures import count, short
from gradcheck._render.rows import Table, foremost, without
from gradcheck._results.verdict import Verdict

if TYPE_CHECKING:
    from gradcheck._render.rows import Row
    from gradcheck._results.run import Check, Run

HEADER: Row = ("test", "model", "entries", "wrong", "worst at", "error / ±", "checks", "verdict")
ALIGNMENT: Row = ("left", "left", "right", "right", "left", "right", "right", "left")
FINE = (Verdict.CORRECT, Verdict.KINK)  # a report of these needs no look


@dataclass(frozen=True)
class RunPage:
    """All that a face shows of a run, as strings that are not yet escaped."""

    verdict: str
    title: str
    counts: str  # how many reports have which verdict
    table: Table
    shown: tuple[Check, ...]  # those that need a look, worst first
    rest: tuple[Check, ...]  # the others


def run_page(run: Run) -> RunPage:
    """Return what every face shows of a run."""
    checks = sorted(run.checks, key=lambda check: -check.report.verdict)
    return RunPage(
        verdict=str(run.verdict),
        title=run.title,
        counts=run_counts(run),
        table=_telling(Table(HEADER, ALIGNMENT, tuple(map(check_row, checks)))),
        shown=tuple(c for c in checks if c.report.verdict not in FINE),
        rest=tuple(c for c in checks if c.report.verdict in FINE),
    )


def _telling(shown: Table) -> Table:
    """Return the table without a column that says the same of every check: no test, a single check."""
    for name, said in (("test", ""), ("checks", "1")):
        if name in shown.header and {row[shown.header.index(name)] for row in shown.rows} <= {said}:
            shown = without(shown, name)
    return shown


def run_counts(run: Run) -> str:
    """Return how many reports have which verdict: `1 wrong, 12 correct`."""
    found = sorted(run.counts.items(), reverse=True)
    return ", ".join(f"{count(n)} {str(verdict).lower()}" for verdict, n in found if n) or "no check was made"


def check_row(check: Check) -> Row:
    """Return the row of one check."""
    report = check.report
    first = foremost(report)
    worst = first.worst if first is not None and first.verdict is not Verdict.UNTESTED else None
    return (
        check.test,
        report.name,
        count(report.checked),
        count(report.counts[Verdict.WRONG]),
        worst.name if worst else "",
        short(worst.multiple) if worst else "",
        count(check.times),
        str(report.verdict),
    )
