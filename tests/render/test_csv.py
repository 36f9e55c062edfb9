"""What a spreadsheet gets: a line for every entry, in full precision."""

from __future__ import annotations

import csv
from io import StringIO

from gradcheck._render.faces import render


def test_csv_has_every_checked_entry_in_full_precision(full):
    """A line an entry; what is read back is the number that was measured, to the last bit."""
    rows = list(csv.DictReader(StringIO(render(full, "csv"))))
    assert len(rows) == full.checked == 646
    assert rows[3]["claim"] == repr(1 / 3)
    assert rows[4] == {
        "tensor": "odd", "index": "[1,0]", "kind": "input", "claim": "nan", "estimate": "5.0",
        "uncertainty": "1e-09", "discrepancy": "inf", "multiple": "inf", "relative": "inf",
        "verdict": "BROKEN", "where": "a point nearby",
    }  # fmt: skip
