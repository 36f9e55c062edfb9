"""The rows that every face shows: the wrong first, the worst of them leading."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradcheck import Verdict
from gradcheck._render.rows import (
    CSV_HEADER,
    ENTRY_HEADER,
    TENSOR_HEADER,
    csv_rows,
    foremost,
    notes,
    page,
    summary,
    worst_first,
)
from gradcheck._results.report import Problem


def test_the_worst_tensor_leads(report, tensor, wrong):
    """By its verdict, then by its largest discrepancy, whatever its place in the model."""
    made = report(
        tensor(name="a"), wrong(name="b"), wrong(name="c", claim=-9.0), tensor(name="d", verdict=Verdict.KINK)
    )
    assert [t.name for t in worst_first(made)] == ["c", "b", "d", "a"]
    assert foremost(made).name == "c"
    assert summary(made).endswith(", worst c[5,0]")


def test_a_report_without_tensors_has_no_foremost(report):
    """And its summary says that nothing was checked."""
    assert foremost(report()) is None
    assert summary(report()) == "no entry checked"


def test_every_row_is_as_long_as_its_header(full):
    """Tensors, entries and the lines of a spreadsheet."""
    shown = page(full)
    for table, header in ((shown.tensors, TENSOR_HEADER), (shown.entries, ENTRY_HEADER)):
        assert table.header == tuple(title for title in header if title in table.header)
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.header)} == {len(table.alignment)}
    assert {len(row) for row in csv_rows(full)} == {len(CSV_HEADER)}


@pytest.mark.parametrize(("n", "listed"), [(1, 0), (10, 0), (11, 1)])
def test_entries_beyond_ten_are_counted(report, wrong, n, listed):
    """Those that are not listed."""
    shown = page(report(wrong(n=n)))
    assert (shown.more, len(shown.entries.rows)) == (listed, min(n, 10))


def test_a_problem_names_its_tensor_once(report):
    """Before the sentence, unless that does."""
    problems = tuple(Problem(Verdict.BROKEN, said, "W") for said in ("it changed", "W changed"))
    assert dict(page(report(problems=problems)).remarks)["problem"] == ("W: it changed", "W changed")


def test_a_letter_in_a_word_is_no_name(report):
    """A bias called b is not named in "backward"; a problem without a tensor needs no name."""
    problems = (Problem(Verdict.WRONG, "the backward bends", "b"), Problem(Verdict.BROKEN, "it raised"))
    assert dict(page(report(problems=problems)).remarks)["problem"] == ("b: the backward bends", "it raised")


def test_the_resolution_is_a_column_where_it_is_known(report, tensor):
    """The smallest error that would have been seen, as a power of ten; empty for a tensor of which nothing was."""
    shown = page(report(tensor(name="a", resolution=2.3e-9), tensor(name="b"))).tensors
    at = shown.header.index("resolution")
    assert [row[at] for row in shown.rows] == ["2e-9", ""]
    assert "resolution" not in page(report(tensor(name="b"))).tensors.header


def test_what_was_tested_without_single_entries_is_said(report, tensor):
    """A dot test checks an operator, and none of its entries by itself."""
    nothing = {name: np.array([]) for name in ("claims", "estimates", "uncertainties", "lefts", "rights")}
    one = replace(tensor(), name="A", flat=np.array([], int), codes=np.array([], np.int8), means="3 dot tests",
                  resolution=1e-12, **nothing)  # fmt: skip
    assert summary(report(one)) == "A correct, by 3 dot tests"


def test_what_is_a_problem_is_no_note_as_well(report, tensor):
    """Nor is a note told twice."""
    problem = Problem(Verdict.WRONG, "the gradient has shape (1, 3)", "")
    made = report(
        tensor(), problems=(problem,), notes=(f"{problem.sentence}, at 4 of 8 evaluations", "float32", "float32")
    )
    assert notes(made) == ("float32",)
