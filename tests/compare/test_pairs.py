"""Comparing two runs: what is told, and whether it is for the worse."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from gradcheck import Check, Report, Run, TensorResult, Verdict
from gradcheck._compare.changes import Change, Grade
from gradcheck._compare.faces import render
from gradcheck._compare.pairs import compare
from gradcheck._results.report import Problem


def tensor(name="W", verdict=Verdict.CORRECT, uncertainty=1e-10, n=4):
    return TensorResult(
        name=name,
        kind="weight",
        shape=(8,),
        dtype="float64",
        flat=np.arange(n),
        claims=np.ones(n),
        estimates=np.ones(n),
        uncertainties=np.full(n, uncertainty),
        lefts=np.ones(n),
        rights=np.ones(n),
        codes=np.full(n, verdict, np.int8),
    )


def check(*tensors, test="test_it", model="Net", problems=(), **fields):
    report = Report(model, 0, {t.name: t for t in tensors}, problems, environment={"numpy": "2.0"})
    return Check(replace(report, **fields), test, "test_net.py", 7)


def run(*checks):
    return Run(checks)


def told(comparison):
    return [(change.what, change.grade, change.tensor, change.was, change.now) for change in comparison.changes]


@pytest.mark.parametrize(
    ("was", "now", "what", "grade"),
    [
        (Verdict.CORRECT, Verdict.WRONG, "newly wrong", Grade.WORSE),
        (Verdict.CORRECT, Verdict.BROKEN, "newly broken", Grade.WORSE),
        (Verdict.KINK, Verdict.UNDECIDED, "newly undecided", Grade.WORSE),
        (Verdict.CORRECT, Verdict.UNTESTED, "newly untested", Grade.WORSE),
        (Verdict.UNDECIDED, Verdict.WRONG, "newly wrong", Grade.WORSE),
        (Verdict.WRONG, Verdict.CORRECT, "newly right", Grade.BETTER),
        (Verdict.UNTESTED, Verdict.KINK, "newly a kink", Grade.BETTER),
        (Verdict.WRONG, Verdict.UNDECIDED, "newly undecided", Grade.DIFFERENT),
        (Verdict.CORRECT, Verdict.KINK, "newly a kink", Grade.DIFFERENT),
    ],
)
def test_a_verdict_that_changed_is_told(was, now, what, grade):
    """By its new name; it is worse where less is right, better where all is."""
    found = compare(run(check(tensor(verdict=was))), run(check(tensor(verdict=now))))
    assert told(found) == [(what, grade, "W", str(was), str(now))]


def test_what_is_the_same_is_not_told():
    """However wrong it is."""
    both = run(check(tensor(), tensor("b", Verdict.WRONG)), check(tensor(), model="Other"))
    found = compare(both, both)
    assert (found.changes, found.same, found.verdict, found.notes) == ((), 3, "SAME", ())


def test_a_breach_of_the_protocol_is_told():
    """A gradient that changes from call to call has no tensors any more: they are not gone, it is broken."""
    problem = Problem(Verdict.BROKEN, "the gradient changes from call to call")
    before, after = run(check(tensor(), tensor("b"))), run(check(problems=(problem,)))
    assert told(compare(before, after)) == [("newly broken", Grade.WORSE, "", "CORRECT", "BROKEN")]
    assert told(compare(after, before)) == [
        ("appeared", Grade.DIFFERENT, "W", "", "CORRECT"),
        ("appeared", Grade.DIFFERENT, "b", "", "CORRECT"),
        ("newly right", Grade.BETTER, "", "BROKEN", "CORRECT"),
    ]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (1e-8, [("less certain", Grade.LESS, "W", "± 1e-10", "± 1e-8")]),
        (2e-12, [("more certain", Grade.BETTER, "W", "± 1e-10", "± 2e-12")]),
        (9e-10, []),
        (0.0, []),
        (np.inf, [("less certain", Grade.LESS, "W", "± 1e-10", "± inf")]),
    ],
)
def test_an_uncertainty_that_moved_is_told(now, expected):
    """By more than a factor of ten; what is not uncertain at all cannot move."""
    assert told(compare(run(check(tensor())), run(check(tensor(uncertainty=now))))) == expected


def test_the_factor_may_be_another():
    """Two, for those who look closely."""
    before, after = run(check(tensor())), run(check(tensor(uncertainty=3e-10)))
    assert compare(before, after).changes == ()
    assert compare(before, after, factor=2).counts == {"less certain": 1}


def test_entries_that_are_checked_no_more_are_told():
    """Fewer is less; more is no matter."""
    before, after = run(check(tensor(n=8))), run(check(tensor(n=1)))
    assert told(compare(before, after)) == [("fewer entries", Grade.LESS, "W", "8 checked", "1 checked")]
    assert told(compare(after, before)) == [("more entries", Grade.DIFFERENT, "W", "1 checked", "8 checked")]


def test_what_comes_and_goes_is_told():
    """Tensors and whole checks; what comes and is not right makes it worse."""
    before = run(check(tensor("old")), check(tensor(), model="Gone"))
    after = run(check(tensor("new")), check(tensor(verdict=Verdict.WRONG), model="Come"))
    assert told(compare(before, after)) == [
        ("newly wrong", Grade.WORSE, "", "", "WRONG"),
        ("vanished", Grade.LESS, "old", "CORRECT", ""),
        ("vanished", Grade.LESS, "", "CORRECT", ""),
        ("appeared", Grade.DIFFERENT, "new", "", "CORRECT"),
    ]


def test_checks_are_matched_by_test_and_model():
    """In whatever order; of several alike the first belongs to the first."""
    one, two = check(tensor(), test="a"), check(tensor(verdict=Verdict.WRONG), test="b")
    assert compare(run(one, two), run(two, one)).verdict == "SAME"
    before = run(check(tensor()), check(tensor("V")))
    found = compare(before, run(check(tensor(verdict=Verdict.WRONG)), check(tensor("V", Verdict.BROKEN))))
    assert told(found) == [
        ("newly wrong", Grade.WORSE, "W", "CORRECT", "WRONG"),
        ("newly broken", Grade.WORSE, "V", "CORRECT", "BROKEN"),
    ]


def test_what_was_different_about_the_runs_is_noted():
    """Versions and seeds may explain what changed."""
    before, after = run(check(tensor())), run(check(tensor(), seed=3, environment={"numpy": "2.1", "torch": "3"}))
    assert compare(before, after).notes == (
        "numpy: 2.0 before, 2.1 now",
        "seed: 0 before, 3 now",
        "torch: none before, 3 now",
    )


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


def test_an_unknown_form_is_refused():
    """The error names those that would do."""
    with pytest.raises(
        ValueError, match="no form 'latex'; the known ones are table, markdown, html, json, csv, github"
    ):
        render(compare(run(), run()), "latex")
