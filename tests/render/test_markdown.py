"""Markdown: tables that GitHub draws; what needs a look is bold, and shown in full up to a number."""

from __future__ import annotations

import pytest

from gradcheck import Check, Run
from gradcheck._render.markdown import LOOKED_AT, render, render_run, table
from gradcheck._render.rows import Table


def test_a_verdict_that_needs_a_look_is_bold(mlp):
    """A name is code, a right verdict plain."""
    lines = render(mlp).splitlines()
    assert lines[0] == "# WRONG: `MLP`"
    (wrong,) = [line for line in lines if line.startswith("| `W2` ")]
    assert wrong.endswith("| **WRONG** |")
    assert [line.split("|")[-2].strip() for line in lines if line.startswith("| `b")] == ["CORRECT", "CORRECT"]


def test_a_pipe_ends_no_cell():
    """Not even within code."""
    page = table(Table(("name", "said"), ("left", "left"), (("a|b", "c|d"),)))
    assert page.splitlines()[-1] == r"| `a\|b` | c\|d   |"


@pytest.mark.parametrize("more", [0, 3])
def test_so_many_reports_of_a_run_are_shown_in_full(mlp, more):
    """The others are counted; each is a heading deeper than the run."""
    page = render_run(Run((Check(mlp),) * (LOOKED_AT + more), "nightly"))
    assert page.startswith("# WRONG: nightly\n")
    assert page.count("\n## WRONG: `MLP`\n") == LOOKED_AT
    assert (f"And {more} more that need a look." in page) is bool(more)


def test_a_check_says_where_it_was_made_and_how_it_is_repeated(mlp):
    """If that is known."""
    page = render_run(Run((Check(mlp, "t.py::test", case="c.json"),)))
    assert "Made by `t.py::test`.\n\nTo reproduce this report: `gradcheck replay c.json`" in page
    assert "Made by" not in render_run(Run((Check(mlp),)))
