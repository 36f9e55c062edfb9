"""The terminal's face: as wide as it is told to be, coloured where it may be, and plain otherwise."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from gradcheck import Check, Run, Verdict
from gradcheck._render import span, text
from gradcheck._render.faces import render
from gradcheck._results.report import Problem

LONG = "encoder.layers.0.self_attention.query_projection.weight"
WIDE = "重み行列の勾配を確かめるための、とても長い名前"
TEST = "tests/networks/test_attention.py::test_every_head_of_it[float32-causal-masked]"
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def run(mlp, full, report, tensor):
    """Make a run with everything in it."""
    broken = report(problems=(Problem(Verdict.BROKEN, f"the function changes its input `{LONG}`"),), name="Broken")
    return Run(
        (
            Check(report(tensor(), name="Right"), "tests/test_a.py::test_right"),
            Check(mlp, TEST, "tests/networks/test_attention.py", 12, 3, ".gradcheck/cases/63cc66b.json"),
            Check(full, "tests/test_b.py::test_full"),
            Check(broken, "tests/test_b.py::test_broken"),
        ),
        "pytest",
    )


def widest(page):
    return max(span.span(line) for line in page.splitlines())


@pytest.mark.parametrize("width", range(40, 201, 4))
@pytest.mark.parametrize("name", [LONG, WIDE, "W"], ids=["long", "wide", "short"])
def test_no_line_is_longer_than_the_terminal(report, wrong, full, width, name):
    """Whatever the names are, and however narrow it is; the verdict stays."""
    for shown in (full, report(wrong(name=name, shape=(1000, 64), checked=640), name=name * 3)):
        page = text.render(shown, width)
        assert widest(page) <= width
        assert page.startswith("WRONG  ")
        assert "-0.158096" in page


@pytest.mark.parametrize("width", range(40, 201, 4))
def test_no_line_of_a_run_is_longer_either(run, width):
    """The table of the checks, and the reports below it."""
    page = text.render_run(run, width)
    assert widest(page) <= width
    assert " ".join(page.split()).startswith("WRONG pytest: 2 wrong, 1 broken, 1 correct ")


def test_wide_letters_keep_the_columns(report, wrong, tensor):
    """A letter that takes two columns is counted as two, one that takes none as none."""
    assert [span.span(s) for s in ("W", "重", "e\u0301", "重W")] == [1, 2, 1, 3]
    lines = text.render(report(wrong(name="重み"), tensor(name="e\u0301"))).splitlines()
    assert {span.span(line[: line.index("weight")]) for line in lines[4:6]} == {8}


def test_names_are_shortened_before_columns_go(mlp, report, wrong):
    """Then the least telling columns; the entries are never without claim and measurement."""

    def head(width, shown):
        return text.render(shown, width).splitlines()[3 if width < 90 else 2].split()

    long = report(wrong(name=LONG))
    everything = [
        "tensor",
        "kind",
        "shape",
        "checked",
        "wrong",
        "worst",
        "at",
        "error",
        "/",
        "±",
        "relative",
        "verdict",
    ]
    assert head(100, long) == everything
    assert "…" in text.render(long, 100)
    assert head(80, mlp) == everything
    assert head(72, mlp) == [word for word in everything if word != "kind"]
    assert head(62, mlp) == [word for word in everything if word not in {"kind", "shape"}]
    assert re.search("^entry +claimed +measured", text.render(mlp, 40), re.MULTILINE)


def test_a_verdict_is_a_word_and_a_colour(mlp, run):
    """Without the colour the page is the same, letter for letter."""
    assert "\x1b" not in text.render(mlp)
    page = text.render(mlp, colour=True)
    assert page.startswith("\x1b[1;31mWRONG\x1b[0m  MLP")
    assert page.count("\x1b[32mCORRECT\x1b[0m") == 3
    assert ESCAPE.sub("", page) == text.render(mlp)
    assert ESCAPE.sub("", text.render_run(run, colour=True)) == text.render_run(run)


def test_a_run_is_a_table_and_the_reports_that_need_a_look(run, mlp):
    """Worst first; each with where it was made and how it is repeated."""
    page = str(run)
    rows = page.splitlines()[4:8]
    assert [row.split()[-1] for row in rows] == ["WRONG", "WRONG", "BROKEN", "CORRECT"]
    assert text.render(mlp) in page
    assert f"made by    {TEST}, tests/networks/test_attention.py:12" in " ".join(page.split("\n           "))
    assert "repeat     gradcheck replay .gradcheck/cases/63cc66b.json" in page
    assert "CORRECT  Right" not in page


def test_a_run_does_not_go_on_for_ever(mlp):
    """Five reports in full, a row for each."""
    page = render(Run((Check(mlp),) * 30))
    assert page.count("wrong entries") == 5
    assert page.count("MLP") == 30 + 5
    assert page.endswith("and 25 more that need a look\n")


def test_an_empty_run_says_so():
    """A line."""
    assert render(Run(())) == "UNTESTED  gradcheck: no check was made\n"


def test_what_the_calls_were_made_for_is_shown_to_those_who_ask(mlp):
    """Each with its share; of a report that does not know it nothing is said."""
    spent = replace(mlp, evaluations=2000, spent={"protocol": 6, "ladders": 1500, "diagnosis": 494})
    shown = text.render(spent, verbose=True)
    assert [line.split() for line in shown.splitlines() if line.startswith(("protocol ", "ladders ", "diagnosis  "))][
        -3:
    ] == [["protocol", "6", "0%"], ["ladders", "1,500", "75%"], ["diagnosis", "494", "25%"]]
    assert "made for" not in text.render(spent) + text.render(mlp, verbose=True)
    assert "made for" in text.render_run(Run((Check(spent),)), verbose=True)
