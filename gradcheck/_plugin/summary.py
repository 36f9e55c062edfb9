"""What stands at the end of a session? A row for each model that was checked, ten at most, wrong ones first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from gradcheck._render.checks import FINE

if TYPE_CHECKING:
    from gradcheck._plugin.row import Row
    from gradcheck._plugin.session import Session

MOST = 10  # lines
COLOURS: Mapping[str, Mapping[str, bool]] = MappingProxyType(
    {"WRONG": {"red": True}, "BROKEN": {"red": True}, "UNDECIDED": {"yellow": True}},
)


def show(session: Session, terminal: pytest.TerminalReporter) -> None:
    """Print the rows, and what became of the reports; with -q only what needs a look, unless `term` is asked for."""
    asked = [destination.kind for destination in session.destinations]
    everything = "term-all" in asked
    rows = [named for named in ordered(session) if everything or _is_wanted(named[1], session, asked)]
    if not rows and not session.written:
        return
    terminal.ensure_newline()
    terminal.section("gradcheck")
    shown = rows if everything or len(rows) <= MOST else rows[: MOST - 1]
    for test, row in shown:
        terminal.write_line(_line(test, row), **({} if row["expected"] else COLOURS.get(row["verdict"], {})))
    if more := rows[len(shown) :]:
        kinds = Counter(row["verdict"].lower() for _, row in more)
        terminal.write_line(f"and {len(more)} more: {', '.join(f'{number} {kind}' for kind, number in kinds.items())}")
    for line in session.written:
        terminal.write_line(line)


def _is_wanted(row: Row, session: Session, asked: list[str]) -> bool:
    loud = session.config.get_verbosity() >= 0 or "term" in asked
    return loud or not (row["expected"] or row["severity"] in FINE)


def ordered(session: Session) -> list[tuple[str, Row]]:
    """Return the tests and rows, the worst first, then by name: the same order for any number of workers.

    A failure that its test expects, as by `pytest.raises`, needs no look, and comes last.
    """
    named = [(test, row) for (test, _), rows in sorted(session.rows.items()) for row in rows]
    return sorted(named, key=lambda pair: 0 if pair[1]["expected"] else -pair[1]["severity"])


def _line(test: str, row: Row) -> str:
    times = f" ({row['checks']} checks)" if row["checks"] > 1 else ""
    expected = ", as its test expects" if row["expected"] else ""
    return f"{row['verdict']:<9}  {test}  {row['name']}: {row['text']}{times}{expected}"
