"""How a comparison looks: the worst first, in six forms."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import jsonschema
import pytest
from comparing import check, run, tensor

from gradcheck import Verdict
from gradcheck._compare.changes import Change
from gradcheck._compare.faces import render
from gradcheck._compare.pairs import compare


def test_an_unknown_form_is_refused():
    """The error names those that would do."""
    with pytest.raises(
        ValueError, match="no form 'latex'; the known ones are table, markdown, html, json, csv, github"
    ):
        render(compare(run(), run()), "latex")


def test_the_table_is_this():
    """Worst first, one line a change, and what else was different."""
    before = run(check(tensor(), tensor("b")), check(tensor(), test="test_gone"))
    after = run(check(tensor(verdict=Verdict.WRONG), tensor("b", uncertainty=1e-7), seed=3))
    page = """\
WORSE  1 newly wrong, 1 less certain, 1 vanished, 0 tensors as before

test       model  tensor  change        was      now
---------  -----  ------  ------------  -------  ------
test_it    Net    W       newly wrong   CORRECT  WRONG
test_it    Net    b       less certain  ± 1e-10  ± 1e-7
test_gone  Net            vanished      CORRECT

note       seed: 0 before, 3 now
"""
    assert render(compare(before, after)) == page
    assert "\x1b[1;31mWORSE\x1b[0m  " in render(compare(before, after), colour=True)


def test_the_schema_in_the_documentation_fits():
    """It accepts what is written, refuses what is not, and names every field of a change."""
    text = (Path(__file__).parents[2] / "docs" / "compare.schema.json").read_text(encoding="utf-8")
    checker = jsonschema.Draft202012Validator(json.loads(text))
    checker.check_schema(checker.schema)
    old, new = run(check(tensor("W"), tensor("b"), seed=1)), run(check(tensor("W", Verdict.WRONG)))
    page = json.loads(render(compare(old, new), "json"))
    checker.validate(page)
    assert [change["grade"] for change in page["changes"]] == ["WORSE", "LESS"]
    for spoil in ({"verdict": "FINE"}, {"schema": 2}, {"more": 1}, {"changes": [page["changes"][0] | {"grade": 4}]}):
        assert not checker.is_valid(page | spoil)
    assert {f.name for f in fields(Change)} == set(checker.schema["$defs"]["change"]["required"])


def test_github_marks_the_lines():
    """An error for what is worse, a warning for what is less, a notice for all."""
    before, after = run(check(tensor(), tensor("b"))), run(check(tensor(verdict=Verdict.WRONG)))
    assert render(compare(before, after), "github").splitlines() == [
        "::error file=test_net.py,line=7,title=newly wrong%3A W::test_it Net W: CORRECT before, WRONG now",
        "::warning file=test_net.py,line=7,title=vanished%3A b::test_it Net b: CORRECT before, absent now",
        "::notice title=gradcheck compare%3A WORSE::1 newly wrong, 1 vanished, 0 tensors as before",
    ]


def test_no_page_is_without_end():
    """People are shown fifty changes, programs all of them."""
    before = run(*(check(tensor(), test=f"test_{n}") for n in range(60)))
    after = run(*(check(tensor(verdict=Verdict.WRONG), test=f"test_{n}") for n in range(60)))
    found = compare(before, after)
    assert render(found).count("newly wrong") == 51  # the summary counts them
    assert "10 changes more" in render(found)
    assert len(json.loads(render(found, "json"))["changes"]) == 60
    assert render(found, "csv").count("newly wrong") == 60
    assert render(found, "github").count("::error") == 10


@pytest.mark.parametrize("width", range(40, 120, 11))
def test_no_line_is_longer_than_the_terminal(width):
    """Long names lose their middle."""
    name = "tests/networks/test_attention.py::test_every_head_of_it[float32-causal]"
    before, after = (
        run(check(tensor("layers[3].W" * 3), test=name)),
        run(check(tensor(verdict=Verdict.WRONG), test=name)),
    )
    page = render(compare(before, after), width=width)
    assert max(map(len, page.splitlines())) <= width


@pytest.mark.parametrize("form", ["table", "markdown", "html", "csv", "github"])
def test_names_are_not_obeyed(form):
    """Neither tags nor formulas nor escape codes."""
    nasty = "=<script>|\x1b[31m"
    before, after = (run(check(tensor(nasty, v), test=nasty, model=nasty)) for v in (Verdict.CORRECT, Verdict.WRONG))
    page = render(compare(before, after), form)
    assert "\x1b" not in page
    assert form != "html" or "<script>|" not in page
    assert form != "csv" or "\n'=<script>" in page
    assert form != "markdown" or r"\|" in page
