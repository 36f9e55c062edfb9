"""How does a report look to a spreadsheet? A line for every checked entry, in full precision."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

from gradcheck.render.escape import csv_text
from gradcheck.render.rows import CSV_HEADER, csv_rows

if TYPE_CHECKING:
    from gradcheck._report import Report

_WORDS = [CSV_HEADER.index(name) for name in ("tensor", "index", "kind", "verdict", "where")]


def render(report: Report) -> str:
    """Return the report as CSV."""
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(CSV_HEADER)
    writer.writerows(
        [csv_text(cell) if n in _WORDS else cell for n, cell in enumerate(row)] for row in csv_rows(report)
    )
    return stream.getvalue()
