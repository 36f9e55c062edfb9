"""A report on a page: which tensors are shown with their evidence, and what is said of each."""

from __future__ import annotations

import numpy as np

from gradcheck._render.html import page as html
from gradcheck._render.html.sections import ENTRIES, PICTURED, section
from gradcheck._results.report import Problem
from gradcheck._results.verdict import Verdict


def test_fifty_wrong_entries_are_listed_and_the_others_counted(report, wrong):
    """The largest discrepancy comes first."""
    many = wrong(n=133)
    many.claims[330] = 9.0
    (found,) = section(report(many)).findings
    assert len(found.entries.rows) == ENTRIES == 50
    assert found.total == 133
    assert found.entries.rows[0][0] == "W2[5,10]"
    page = html.render(report(many))
    assert "The first 50 of 133 wrong entries" in page
    assert "And 83 more." in page


def test_so_many_tensors_are_shown_and_the_others_counted(report, wrong):
    """The table has all of them, the evidence is that of the worst."""
    shown = section(report(*(wrong(name=f"W{k}") for k in range(PICTURED + 3))))
    assert len(shown.findings) == PICTURED
    assert len(shown.tensors.rows) == PICTURED + 3
    assert shown.unseen == 3
    assert [bool(link) for link in shown.links] == [True] * PICTURED + [False] * 3


def test_a_problem_of_a_tensor_stands_in_its_section(report, tensor, wrong):
    """Where the page begins with one tensor, another that is broken says by itself why."""
    broken = tensor(name="b", verdict=Verdict.BROKEN, claim=np.nan)
    problem = Problem(Verdict.BROKEN, "the gradient of b shares its memory", "b")
    _, second = section(report(wrong(), broken, problems=(problem,))).findings
    assert second.message.startswith("BROKEN  MLP: the gradient of b shares its memory")


def test_what_is_said_of_several_tensors_stands_on_the_page_once(report, wrong):
    """Causes of the second tensor, how one was measured, and what would help to decide, in the message or a list."""
    several = report(
        wrong(name="U", means="4 random directions"),
        wrong(name="V"),
        diagnosis=("U: a term is missing", "U, V: the sign is wrong", "V: a factor is missing"),
        notes=("V was converted",),
    )
    page = html.render(several)
    for said in (*several.diagnosis, *several.notes, "measured by 4 random directions"):
        assert page.count(said) == 1


def test_the_message_of_what_is_undecided_says_what_the_page_does_not(report, tensor):
    """The sentence of the verdict stands above it, and what would help to decide in it and nowhere else."""
    page = html.render(report(tensor(verdict=Verdict.UNDECIDED), notes=("to decide on W2: compute in float64",)))
    assert page.lower().count(Verdict.UNDECIDED.sentence) == 1
    assert page.count("to decide on W2") == 1
    assert "<pre" in page


def test_a_message_that_says_no_more_than_the_table_is_left_out(report, tensor):
    """The verdict and its sentence stand above it, which tensors are untested in the table."""
    untested = report(tensor(verdict=Verdict.UNTESTED, claim=0.0, estimate=0.0, n=640))
    assert section(untested).message == ""


def test_a_page_on_a_right_matrix_shows_it(report, tensor):
    """With its axes named, however small it is; a weight needs no picture."""
    shown = section(report(tensor(name="H", kind="hessian", shape=(2, 2)), tensor(name="w", shape=(2, 2))))
    (matrix,) = shown.matrices
    assert matrix.name == "H"
    page = html.render(report(tensor(name="H", kind="hessian", shape=(2, 2))))
    assert page.count(">first by</text>") == page.count(">then by</text>") == 3


def test_a_kink_shows_both_sides(report, tensor):
    """The slopes on the left and on the right stand beside the claim that lies between."""
    kinked = tensor(verdict=Verdict.KINK, lefts=np.full(640, -1.25), rights=np.full(640, 2.75))
    (found,) = section(report(kinked)).findings
    assert found.entries.header[:4] == ("entry", "claimed", "left", "right")
    assert found.entries.rows[0][2:4] == ("-1.25", "2.75")
    assert found.message == found.remark == ""
    assert html.render(report(kinked)).count("valid subgradient") == 1


def test_a_kink_beside_what_is_wrong_says_that_it_is_one(report, tensor, wrong):
    """The page begins with what is wrong."""
    kinked = tensor(name="b", verdict=Verdict.KINK, lefts=np.full(640, -1.25), rights=np.full(640, 2.75))
    _, found = section(report(wrong(), kinked)).findings
    assert "valid subgradient" in found.remark


def test_a_right_report_has_no_findings(report, tensor):
    """Nothing to look at, nothing shown."""
    page = html.render(report(tensor()))
    assert "data:image" not in page
    assert "CORRECT" in page
    assert "Histogram of error over uncertainty" in page
    assert 'class="finding"' not in page


def test_what_the_message_says_is_not_told_again(report, wrong):
    """The first cause stands in it; the others have their heading."""
    twice, since = "W2: exactly twice the measured value", "since layers[2]: all is wrong"
    shown = section(report(wrong(), diagnosis=(twice, since)))
    assert "exactly twice" in shown.message
    assert shown.causes == (("diagnosis", (since,)),)
    assert section(report(wrong(), diagnosis=(twice,))).causes == ()
