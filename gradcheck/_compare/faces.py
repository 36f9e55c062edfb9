"""How does a comparison look? A table of what changed, the worst first."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from types import MappingProxyType

from gradcheck._compare.changes import Change, Comparison, Grade
from gradcheck._render import csv, github, sheet
from gradcheck._render.escape import encodable, visible
from gradcheck._render.figures import count, plural
from gradcheck._render.rows import Table, without
from gradcheck._render.sheet import Sheet
from gradcheck._render.terminal import COLUMNS

SCHEMA = 1
SHOWN = 50  # so many changes are shown to people; JSON and CSV have all
HEADER = ("test", "model", "tensor", "change", "was", "now")
ALIGNMENT = ("left",) * len(HEADER)
CSV_HEADER = (*HEADER, "grade")
LEVELS = {Grade.WORSE: "error", Grade.LESS: "warning"}


def render(comparison: Comparison, form: str = "table", width: int = COLUMNS, *, colour: bool = False) -> str:
    """Return a comparison in a form: table, markdown, html, json, csv or github.

    Raises ValueError for any other form.
    """
    sheet.check_form(form)
    if form in _FACES:
        return _FACES[form](comparison)
    return sheet.render(_sheet(comparison), form, width, colour=colour)


def summary(comparison: Comparison) -> str:
    """Return how many changes there are of which sort: `1 newly wrong, 12 tensors as before`."""
    said = [f"{count(n)} {what}" for what, n in comparison.counts.items()]
    return ", ".join([*said, f"{plural(comparison.same, 'tensor')} as before"])


def _sheet(comparison: Comparison) -> Sheet:
    table = Table(HEADER, ALIGNMENT, tuple(map(_row, comparison.changes[:SHOWN])))
    for name in ("test", "tensor"):
        if not any(row[table.header.index(name)] for row in table.rows):
            table = without(table, name)
    more = len(comparison.changes) - SHOWN
    remarks = [("note", comparison.notes)] if comparison.notes else []
    if more > 0:
        remarks.insert(0, ("left out", (f"{plural(more, 'change')} more; JSON and CSV have all",)))
    return Sheet(comparison.verdict, summary(comparison), (("", table),), tuple(remarks))


def _row(change: Change) -> tuple[str, ...]:
    return change.test, change.model, change.tensor, change.what, change.was, change.now


def _json(comparison: Comparison) -> str:
    changes = [asdict(change) | {"grade": str(change.grade)} for change in comparison.changes]
    told = {"schema": SCHEMA, "verdict": comparison.verdict, "same": comparison.same, "notes": comparison.notes}
    return encodable(json.dumps(told | {"changes": changes}, indent=1, ensure_ascii=False) + "\n")


def _csv(comparison: Comparison) -> str:
    return csv.table(CSV_HEADER, ((*_row(change), str(change.grade)) for change in comparison.changes))


def _github(comparison: Comparison) -> str:
    return "".join(f"{line}\n" for line in _commands(comparison))


def _commands(comparison: Comparison) -> Iterator[str]:
    for grade, level in LEVELS.items():
        changes = [change for change in comparison.changes if change.grade is grade]
        for change in changes[: github.SHOWN]:
            what = visible(f"{change.what}: {change.tensor or change.model}")
            message = visible(
                f"{change.test} {change.model} {change.tensor}: {change.was or 'absent'} before, "
                f"{change.now or 'absent'} now"
            )
            yield github.command(level, message, file=change.file, line=change.line, title=what)
    yield github.command("notice", summary(comparison), title=f"gradcheck compare: {comparison.verdict}")


_FACES: Mapping[str, Callable[[Comparison], str]] = MappingProxyType({"json": _json, "csv": _csv, "github": _github})
