"""What does the page say of a report? Its message, its causes, and of each tensor that needs a look the evidence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from gradcheck._render.checks import FINE
from gradcheck._render.failure import failure_message
from gradcheck._render.figures import count, number, plural, sentence
from gradcheck._render.html.chain import chain
from gradcheck._render.html.curve import curve
from gradcheck._render.html.histogram import histogram
from gradcheck._render.html.maps import AXES, heat_maps
from gradcheck._render.rows import LISTED, Table, entry_table, page, worst_first
from gradcheck._results.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gradcheck._render.html.chain import Link
    from gradcheck._render.html.curve import Curve
    from gradcheck._render.html.histogram import Histogram
    from gradcheck._render.html.maps import Maps
    from gradcheck._render.rows import Page, Remarks
    from gradcheck._results.estimate import Entry
    from gradcheck._results.report import Report, TensorResult

PICTURED = 20  # tensors of a page that are shown with their evidence
ENTRIES = 50  # of each of them, one by one
ROWS = 500  # tensors of a table
LOOKED_AT = (*LISTED, Verdict.KINK)  # verdicts of tensors that are shown with their evidence
UNWRAPPED = 10_000  # columns of a line of a message: the browser wraps it
SIDES = ("left", "right")
CAUSES = ("problem", "diagnosis")  # remarks that stand above the tables; the others stand below


@dataclass(frozen=True)
class TensorEvidence:
    """A tensor that needs a look, and the evidence on it."""

    anchor: str
    verdict: str
    name: str
    facts: str
    message: str  # empty where the page begins with it
    remark: str
    maps: Maps | None
    curve: Curve | None
    histogram: Histogram | None
    entries: Table
    listed: str  # what the entries have in common
    total: int  # how many of them there are


@dataclass(frozen=True)
class MatrixView:
    """A matrix in which nothing needs a look, and its pictures."""

    name: str
    maps: Maps


@dataclass(frozen=True)
class Section:
    """A report, as a page shows it."""

    anchor: str
    page: Page
    message: str
    causes: Remarks
    chain: tuple[Link, ...]
    overview: Histogram | None  # of all entries, where no tensor needs a look
    matrices: tuple[MatrixView, ...]
    tensors: Table
    more: int  # tensors that are not in the table
    findings: tuple[TensorEvidence, ...]
    unseen: int  # tensors that need a look and have no evidence on this page
    remarks: Remarks
    seed: int

    @property
    def links(self) -> tuple[str, ...]:
        """For each row of the table the place where the page says more, or nothing."""
        anchors = {f.name: f.anchor for f in self.findings}
        return tuple(anchors.get(row[0], "") for row in self.tensors.rows)


def section(report: Report, anchor: str = "r", pictured: int = PICTURED) -> Section:
    """Return what is shown of a report, with the evidence on so many tensors at most."""
    look = [t for t in worst_first(report) if t.verdict in LOOKED_AT]
    message = "" if report.verdict in FINE else _message(report)
    shown = page(report, message)
    return Section(
        anchor=anchor,
        page=shown,
        message=message,
        causes=tuple(r for r in shown.remarks if r[0] in CAUSES),
        chain=chain(report),
        overview=None if look else histogram(*report.tensors.values()),
        matrices=tuple(islice(_matrices(report), max(0, pictured - len(look)))),
        tensors=replace(shown.tensors, rows=shown.tensors.rows[:ROWS]),
        more=max(0, len(shown.tensors.rows) - ROWS),
        findings=tuple(_finding(t, report, f"{anchor}-{k}") for k, t in enumerate(look[:pictured], 1)),
        unseen=max(0, len(look) - pictured),
        remarks=tuple(r for r in shown.remarks if r[0] not in CAUSES),
        seed=report.seed,
    )


def _matrices(report: Report) -> Iterator[MatrixView]:
    """Yield the Jacobians, Hessians and operators in which all is well, if their entries are known."""
    for tensor in report.tensors.values():
        if tensor.kind in AXES and tensor.verdict not in LOOKED_AT and tensor.worst is not None:
            maps = heat_maps(tensor, tensor.worst)
            if maps is not None:
                yield MatrixView(tensor.name, maps)


def _message(report: Report) -> str:
    """Return the message; without what the page has said already: the sentence of the verdict, if it is no more."""
    first, *rest = failure_message(report, UNWRAPPED).splitlines()
    if not first.endswith(f": {report.verdict.sentence}"):
        return "\n".join([first, *rest])
    return "\n".join(rest) if len(rest) > 1 else ""


def _finding(tensor: TensorResult, report: Report, anchor: str) -> TensorEvidence:
    entries = tensor.entries(tensor.verdict, ENTRIES)
    kink = tensor.verdict is Verdict.KINK
    said = tensor is worst_first(report)[0] and (tensor.wrong or not report.problems) and report.verdict not in FINE
    laddered = next((e for e in entries if len(e.rungs) > 1), None)
    return TensorEvidence(
        anchor=anchor,
        verdict=str(tensor.verdict),
        name=tensor.name,
        facts=_facts(tensor),
        message="" if said or kink else _message(_alone(tensor, report)),
        remark=sentence(tensor.verdict.sentence) if kink and report.verdict is not Verdict.KINK else "",
        maps=heat_maps(tensor, entries[0]),
        curve=curve(laddered) if laddered else None,
        histogram=histogram(tensor),
        entries=_with_sides(entries) if kink else entry_table(entries),
        listed=str(tensor.verdict).lower(),
        total=tensor.counts[tensor.verdict],
    )


def _alone(tensor: TensorResult, report: Report) -> Report:
    """Return what there would be to say of this tensor alone; what is said of all stands above."""
    problems = tuple(p for p in report.problems if p.tensor == tensor.name)
    return replace(report, tensors={tensor.name: tensor}, problems=problems, diagnosis=(), notes=())


def _facts(tensor: TensorResult) -> str:
    checked = "all" if tensor.checked == tensor.size else f"{count(tensor.checked)} of"
    return f"{tensor.kind} {tensor.shape} {tensor.dtype}, {checked} {plural(tensor.size, 'entry')} checked"


def _with_sides(entries: Sequence[Entry]) -> Table:
    """Return the table of entries at kinks, with the slopes on either side between which the claim lies."""
    table = entry_table(entries)
    sides = [tuple(number(slope, 6) for slope in (e.left, e.right)) for e in entries]
    return Table(
        (*table.header[:2], *SIDES, *table.header[2:]),
        (*table.alignment[:2], "right", "right", *table.alignment[2:]),
        tuple((*row[:2], *both, *row[2:]) for row, both in zip(table.rows, sides, strict=True)),
    )
