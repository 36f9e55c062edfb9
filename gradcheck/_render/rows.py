"""What do the tables say? The rows that every face shows, worst first."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradcheck._render.figures import count, index, pair, plural, power, short
from gradcheck._render.nearby import HERE, lead
from gradcheck._results.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gradcheck._results.estimate import Entry
    from gradcheck._results.report import Report, TensorResult

Row = tuple[str, ...]
Remarks = tuple[tuple[str, tuple[str, ...]], ...]  # (label, sentences)

ONE_BY_ONE = "one by one"
FIRST = 10  # so many entries are listed one by one
NAMED = 8  # tensors that a note names, of which it says the same
GUILTY = (Verdict.WRONG, Verdict.BROKEN)  # verdicts that accuse
LISTED = (Verdict.WRONG, Verdict.BROKEN, Verdict.UNDECIDED)  # of the first of these that occurs

TENSOR_HEADER: Row = (
    "tensor", "kind", "shape", "checked", "wrong", "worst at", "error / ±", "relative", "resolution", "verdict",
)  # fmt: skip
TENSOR_ALIGNMENT: Row = ("left", "left", "left", "right", "right", "left", "right", "right", "right", "left")
ENTRY_HEADER: Row = ("entry", "claimed", "measured", "error / ±", "relative", "at")
ENTRY_ALIGNMENT: Row = ("left", "right", "left", "right", "right", "left")
SPENT_HEADER: Row = ("made for", "evaluations", "share")
SPENT_ALIGNMENT: Row = ("left", "right", "right")
CSV_HEADER: Row = (
    "tensor", "index", "kind", "claim", "estimate", "uncertainty",
    "discrepancy", "multiple", "relative", "verdict", "where",
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """A header, an alignment for each column, and rows of the same length."""

    header: Row
    alignment: Row
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Page:
    """All that a face shows, as strings that are not yet escaped."""

    verdict: str
    name: str
    sentence: str
    tensors: Table
    listed: str  # what the entries below have in common: "wrong"
    entries: Table
    more: int  # entries of that kind that are not listed
    counts: str
    remarks: Remarks
    origin: str
    environment: tuple[tuple[str, str], ...]
    spent: Table  # for those who want to see more


def page(report: Report, message: str = "") -> Page:
    """Return what every face shows of a report; beside a message, not what that says already, word for word."""
    tensors = worst_first(report)
    listed = next((v for v in LISTED if report.counts[v]), Verdict.WRONG)
    return Page(
        verdict=str(report.verdict),
        name=report.name,
        sentence=lead(report, numbers=not message),
        tensors=tensor_table(tensors),
        listed=str(listed).lower(),
        entries=entry_table(_first(tensors, listed)),
        more=max(0, report.counts[listed] - FIRST),
        counts=counts(report),
        remarks=_untold(_remarks(report), message),
        origin=origin(report),
        environment=tuple(sorted(report.environment.items())),
        spent=spent_table(report),
    )


def worst_first(report: Report) -> list[TensorResult]:
    """Return the tensors: the wrong ones first, the largest discrepancy leading; ties as given."""

    def severity(tensor: TensorResult) -> tuple[int, float]:
        wrong = tensor.verdict is Verdict.WRONG and tensor.worst is not None
        return -tensor.verdict, -tensor.worst.multiple if wrong and tensor.worst else 0.0

    return sorted(report.tensors.values(), key=severity)


def foremost(report: Report) -> TensorResult | None:
    """Return the first of the tensors, worst first; None if there is none."""
    return next(iter(worst_first(report)), None)


def tensor_table(tensors: Sequence[TensorResult]) -> Table:
    """Return the table of these tensors; without their resolution where none is known."""
    table = Table(TENSOR_HEADER, TENSOR_ALIGNMENT, tuple(map(tensor_row, tensors)))
    return table if any(math.isfinite(t.resolution) for t in tensors) else without(table, "resolution")


def spent_table(report: Report) -> Table:
    """Return the table of what the evaluations were made for."""
    whole = max(1, report.evaluations)
    rows = tuple((phase, count(n), f"{n / whole:.0%}") for phase, n in report.spent.items())
    return Table(SPENT_HEADER, SPENT_ALIGNMENT, rows)


def without(shown: Table, name: str) -> Table:
    """Return the table without the column of this name."""
    kept = [n for n, title in enumerate(shown.header) if title != name]

    def of(row: Row) -> Row:
        return tuple(row[n] for n in kept)

    return Table(of(shown.header), of(shown.alignment), tuple(map(of, shown.rows)))


def tensor_row(tensor: TensorResult) -> Row:
    """Return the row of one tensor."""
    worst = tensor.worst if tensor.verdict is not Verdict.UNTESTED else None
    of = f" of {count(tensor.size)}" if tensor.checked < tensor.size else ""
    return (
        tensor.name,
        tensor.kind,
        str(tensor.shape),
        count(tensor.checked) + of,
        count(tensor.wrong),
        index(worst.index) if worst else "",
        short(worst.multiple) if worst else "",
        short(worst.relative) if worst else "",
        power(tensor.resolution) if math.isfinite(tensor.resolution) else "",
        str(tensor.verdict),
    )


def entry_row(entry: Entry) -> Row:
    """Return the row of one entry."""
    claimed, measured = pair(entry)
    elsewhere = "" if entry.where == HERE else entry.where
    return entry.name, claimed, measured, short(entry.multiple), short(entry.relative), elsewhere


def csv_rows(report: Report) -> Iterator[Row]:
    """Yield a row for every checked entry, in full precision."""
    for tensor in report.tensors.values():
        for position in range(tensor.checked):
            entry = tensor.entry(position)
            numbers = (entry.claim, entry.estimate, entry.uncertainty)
            distances = (entry.discrepancy, entry.multiple, entry.relative)
            yield (
                entry.tensor,
                index(entry.index),
                tensor.kind,
                *map(repr, numbers),
                *map(repr, distances),
                str(entry.verdict),
                entry.where,
            )


def counts(report: Report) -> str:
    """Return how many entries got which verdict: `1 wrong, 2,409 correct`."""
    found = sorted(report.counts.items(), reverse=True)
    return ", ".join(f"{count(n)} {str(v).lower()}" for v, n in found if n) or _without_entries(report)


def _without_entries(report: Report) -> str:
    """Return what was found out of tensors none of whose entries was measured by itself."""
    said = [
        f"{t.name} {str(t.verdict).lower()}, by {t.means}" for t in report.tensors.values() if t.means != ONE_BY_ONE
    ]
    return "; ".join(said) or "no entry checked"


def origin(report: Report) -> str:
    """Return how to come by the same report, and what it cost."""
    evaluations = plural(report.evaluations, "evaluation")
    return f"seed {report.seed}; {evaluations}, {plural(report.gradients, 'gradient')}"


def summary(report: Report) -> str:
    """Return one line on the report: how many entries got which verdict, and the worst if wrong."""
    if not report.counts[Verdict.WRONG]:
        return counts(report)
    tensor = worst_first(report)[0]
    worst = f", worst {tensor.worst.name}" if tensor.worst else ""
    return f"{counts(report)}{worst}"


def _first(tensors: Sequence[TensorResult], verdict: Verdict) -> list[Entry]:
    found: list[Entry] = []
    for tensor in tensors:
        if len(found) < FIRST and tensor.counts[verdict]:
            found += tensor.entries(verdict, FIRST - len(found))
    return found


def entry_table(entries: Sequence[Entry]) -> Table:
    """Return the table of these entries; its last column only where one was measured elsewhere."""
    rows = tuple(map(entry_row, entries))
    columns = len(ENTRY_HEADER) - (not any(row[-1] for row in rows))
    return Table(
        ENTRY_HEADER[:columns],
        ENTRY_ALIGNMENT[:columns],
        tuple(row[:columns] for row in rows),
    )


def _untold(remarks: Remarks, message: str) -> Remarks:
    """Return the remarks that a message does not hold already; none without a sentence."""
    told = " ".join(message.split())
    left = ((label, tuple(s for s in sentences if " ".join(s.split()) not in told)) for label, sentences in remarks)
    return tuple(remark for remark in left if remark[1])


def _remarks(report: Report) -> Remarks:
    return (
        ("problem", tuple(_problem(p.tensor, p.sentence) for p in report.problems)),
        ("diagnosis", report.diagnosis),
        ("power", report.power),
        ("note", notes(report)),
    )


def _problem(tensor: str, sentence: str) -> str:
    return sentence if not tensor or names(sentence, tensor) else f"{tensor}: {sentence}"


def names(said: str, tensor: str) -> bool:
    """Return whether a tensor is named in a sentence: the bias `b` is not named in "backward"."""
    return re.search(rf"(?<![\w.]){re.escape(tensor)}(?![\w\[])", said) is not None


def notes(report: Report) -> tuple[str, ...]:
    """Return what else is to be said, and of each tensor; not what stands among the problems."""
    known = tuple(problem.sentence for problem in report.problems)
    said = (note for note in (*report.notes, *_tensor_notes(report)) if not (known and note.startswith(known)))
    return tuple(dict.fromkeys(said))


def _tensor_notes(report: Report) -> tuple[str, ...]:
    """Return what is special about tensors: how they were measured, if not entry by entry; their notes."""
    tensors = report.tensors.values()
    said = [(t.name, f"measured by {t.means}") for t in tensors if t.means != ONE_BY_ONE]
    said += [(t.name, t.note) for t in tensors if t.note]
    alike: dict[str, list[str]] = {}
    for name, note in said:
        alike.setdefault(note, []).append(name)
    return tuple(f"{_listed(named)}: {note}" for note, named in alike.items())


def _listed(named: list[str]) -> str:
    """Return some names, and how many more there are."""
    more = len(named) - NAMED
    return ", ".join(named[:NAMED]) + (f" and {count(more)} more" if more > 0 else "")
