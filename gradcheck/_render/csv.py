"""How does a report look to a spreadsheet? A line for every checked entry, in full precision."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

from gradcheck._render.escape import csv_text
from gradcheck._render.rows import CSV_HEADER, csv_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradcheck._render.rows import Row
    from gradcheck._results.report import Report
    from gradcheck._results.run import Run

RUN_HEADER = ("test", "model", *CSV_HEADER)
_WORDS = ("test", "model", "tensor", "index", "kind", "verdict", "where")


def render(report: Report) -> str:
    """Return the report as CSV."""
    return table(CSV_HEADER, csv_rows(report))


def render_run(run: Run) -> str:
    """Return the entries of all reports as CSV, those of one below those of another."""
    return table(RUN_HEADER, ((c.test, c.report.name, *row) for c in run.checks for row in csv_rows(c.report)))


def table(header: Row, rows: Iterable[Row]) -> str:
    """Return rows as CSV, escaped so that no spreadsheet takes a cell for a formula."""
    words = [name in _WORDS for name in header]
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([csv_text(cell) if word else cell for word, cell in zip(words, row, strict=True)] for row in rows)
    return stream.getvalue()
