"""Five faces, the same rows: what each of them shows of a report."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._render.faces import FORMS, SUFFIXES, render, save
from gradcheck._results.report import Problem
from gradcheck._results.verdict import Verdict

READ = ("text", "markdown", "html")


@pytest.mark.parametrize("form", FORMS)
def test_a_wrong_weight_is_named_in_every_form(mlp, form):
    """The verdict, the tensor and the place of the wrong entry stand in every form."""
    page = render(mlp, form)
    assert "WRONG" in page
    assert "W2" in page
    assert "[5,0]" in page or '"flat": [0, 1' in page


@pytest.mark.parametrize("form", READ)
def test_claim_and_measurement_stand_side_by_side(mlp, form):
    """A wrong entry shows what was claimed, what was measured and how well."""
    page = render(mlp, form)
    for number in ("-0.158096", "-0.0790481 ± 7e-11", "1e9", "0.5"):
        assert number in page


def test_the_text_of_a_small_report_is_this(mlp):
    """The table on the terminal, line by line."""
    expected = """\
WRONG  MLP: the claim lies outside the measured uncertainty by more than the tolerance

tensor  kind    shape     checked  wrong  worst at  error / ±  relative  verdict
------  ------  --------  -------  -----  --------  ---------  --------  -------
W2      weight  (10, 64)      640      1  [5,0]           1e9       0.5  WRONG
W1      weight  (64, 32)    2,048      0  [0,0]             0         0  CORRECT
b1      bias    (32,)          32      0  [0]               0         0  CORRECT
b2      bias    (10,)          10      0  [0]               0         0  CORRECT

wrong entries

entry      claimed  measured            error / ±  relative
-------  ---------  ------------------  ---------  --------
W2[5,0]  -0.158096  -0.0790481 ± 7e-11        1e9       0.5

1 wrong, 2,729 correct

diagnosis  exactly twice the measured value: this term looks counted twice

seed 0; 4,820 evaluations, 1 gradient
"""
    assert render(mlp, "text") == expected
    assert str(mlp) == expected


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_ten_wrong_entries_are_listed_and_the_others_counted(report, wrong, form):
    """Of very many wrong entries ten are shown, and how many more there are."""
    page = render(report(wrong(n=133), wrong(name="b", shape=(7,), checked=7)), form)
    assert page.count("-0.0790481 ± 7e-11") == 10
    assert "124 more" in page


@pytest.mark.parametrize("form", READ)
def test_what_is_undecided_is_listed_where_nothing_is_wrong(report, tensor, form):
    """With nothing wrong, the entries that could not be decided are shown."""
    page = render(report(tensor(verdict=Verdict.UNDECIDED, claim=0.25, uncertainty=np.inf)), form)
    assert "ndecided entries" in page
    assert "± inf" in page


@pytest.mark.parametrize("form", READ)
def test_a_right_gradient_lists_no_entries(report, tensor, form):
    """A correct report is a table and its counts."""
    page = render(report(tensor()), form)
    assert "640 correct" in page
    assert " entries\n" not in page


@pytest.mark.parametrize("form", READ)
def test_every_remark_is_shown(full, form):
    """Problems, diagnosis, power, notes and the seed stand below the table."""
    page = render(full, form)
    remarks = [full.problems[0].sentence.split("`")[0], *full.diagnosis, *full.power, *full.notes]
    for remark in (
        *remarks,
        "odd: taken at the edge",
        "odd: measured by rank-one probes",
        "eed 7; 4,820 evaluations, 1 gradient",
    ):
        assert remark in page


@pytest.mark.parametrize("form", READ)
def test_a_report_without_tensors_shows_its_problem(report, form):
    """What could not be checked at all still says why."""
    page = render(report(problems=(Problem(Verdict.BROKEN, "f raised ValueError"),)), form)
    assert "BROKEN" in page
    assert "f raised ValueError" in page
    assert "o entry checked" in page


def test_entries_measured_elsewhere_say_where(report, wrong):
    """A wrong entry found at a neighbouring point names that point."""
    assert "a point nearby" not in render(report(wrong()))
    assert "a point nearby" in render(report(wrong(places={320: "a point nearby"})))


@pytest.mark.parametrize("form", FORMS)
def test_a_report_looks_the_same_every_time(mlp, form):
    """No face shows a date, a host or anything else that changes from call to call."""
    assert render(mlp, form) == render(mlp, form)


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".HTML"])
def test_the_suffix_chooses_the_form(mlp, tmp_path, suffix):
    """`save` writes what `render` returns, in UTF-8, whatever the platform."""
    path = tmp_path / f"report{suffix}"
    mlp.save(path)
    assert path.read_bytes() == render(mlp, SUFFIXES[suffix.lower()]).encode()


@pytest.mark.parametrize("name", ["report.pdf", "report"])
def test_an_unknown_suffix_is_refused(mlp, tmp_path, name):
    """The error names the suffixes that would do, and nothing is written."""
    with pytest.raises(ValueError, match=r"report.*\.html, \.md, \.json, \.csv, \.txt"):
        save(mlp, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_an_unknown_form_is_refused(mlp):
    """The error names the forms that would do."""
    with pytest.raises(ValueError, match=r"no form 'latex'.*text, markdown, html, json, csv"):
        render(mlp, "latex")
