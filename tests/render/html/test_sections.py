"""A report on a page: which tensors are shown with their evidence, and what is said of each."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._render.html import page as html
from gradcheck._render.html.sections import ENTRIES, PICTURED, section, speaks_of
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


@pytest.mark.parametrize(
    ("said", "tensor", "expected"),
    [
        ("W2: exactly twice the measured value", "W2", True),
        ("W2, b2: the sign is wrong", "b2", True),
        ("every tensor: the sign is wrong", "b2", True),
        ("W22: exactly twice", "W2", False),
        ("layers[2].W: exactly twice", "W", False),
        ("layers[2].W: exactly twice", "layers[2].W", True),
        ("layers[0] (Dense) taken alone is wrong: W: zero", "layers[0].W", True),
        ("layers[10] (Dense) taken alone is wrong: W: zero", "layers[0].W", False),
        ("W[3] is tied", "W", False),
    ],
)
def test_a_cause_is_repeated_where_it_names_the_tensor(said, tensor, expected):
    """By its whole name, or by that of its layer."""
    assert speaks_of(said, tensor) is expected


def test_a_kink_shows_both_sides(report, tensor):
    """The slopes on the left and on the right stand beside the claim that lies between."""
    kinked = tensor(verdict=Verdict.KINK, lefts=np.full(640, -1.25), rights=np.full(640, 2.75))
    (found,) = section(report(kinked)).findings
    assert found.entries.header[:4] == ("entry", "claimed", "left", "right")
    assert found.entries.rows[0][2:4] == ("-1.25", "2.75")
    assert "valid subgradient" in found.causes[0]
    assert found.message == ""


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
