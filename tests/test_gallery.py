"""Does the gallery in reports/ show what the code says? `make reports` writes it anew if not."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from pages import gallery, numbers, structure
from steady import differences, said

from gradcheck import Verdict
from gradcheck._render.faces import render
from gradcheck._render.rows import foremost

PATHS = sorted(gallery.CASES.glob("*.py"))


@pytest.fixture(scope="module")
def shown():
    """Run every case once."""
    return list(gallery.cases())


def test_wrong_gradients_are_among_them(shown):
    """Ten cases, and every verdict there is."""
    assert len(shown) == len(PATHS) == 10
    assert {case.report.verdict for case in shown} == set(Verdict)
    assert sum(case.report.verdict is Verdict.WRONG for case in shown) >= 4


@pytest.mark.parametrize("form", ["md", "html"])
def test_the_pages_are_what_the_code_says(shown, form):
    """What is true on every machine, word for word and digit for digit; `make reports` writes them anew."""
    for case in shown:
        assert differences(_page(case, form), _kept(case, form), case.report) == [], case.name


def _page(case, form):
    return case.page if form == "md" else render(case.report, "html")


def _kept(case, form):
    return (gallery.REPORTS / "gallery" / f"{case.name}.{form}").read_text(encoding="utf-8")


def test_the_pages_for_the_browser_have_their_pictures(shown):
    """As many as they would have today; each may differ in a pixel."""
    for case in shown:
        assert _kept(case, "html").count("<svg") == _page(case, "html").count("<svg")


MISTAKES = {  # in a page: what says it, and what it would say
    "a verdict": ("| **WRONG** |", "| **KINK** |"),
    "the verdict of the whole": ("WRONG: `", "BROKEN: `"),
    "a name": ("| `v`      |", "| `V`      |"),
    "a kind": ("| bias      |", "| weight    |"),
    "a shape": ("(4, 3)", "(3, 4)"),
    "a count": ("3 wrong, 15 correct", "3 wrong, 16 correct"),
    "how many were checked": ("|        12 |", "|        11 |"),
    "a claim, in its last digit but one": ("8.61425", "8.61435"),
    "a slope": ("0.269195 ±", "0.269205 ±"),
    "an entry": ("`b[0]` ", "`b[3]` "),
    "a right entry, among the wrong": ("`b[0]` ", "`v[0]` "),
    "a factor": ("every entry is 32 times", "every entry is 31 times"),
    "a cause": ("a sum where the mean", "a mean where the sum"),
    "a seed": ("Seed 0;", "Seed 1;"),
    "gradients": ("11 gradients", "12 gradients"),
    "a program": ("axis=0", "axis=1"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_page_that_says_something_else_is_found(shown, mistake):
    """Whatever it is that it says."""
    case = next(case for case in shown if case.name == "forgotten-mean")
    says, instead = MISTAKES[mistake]
    assert case.page.count(says)
    assert differences(case.page, case.page.replace(says, instead, 1), case.report)


def test_another_resolution_is_found(shown):
    """A thousand times as blunt; twice is the noise of the machine."""
    case = next(case for case in shown if case.name == "forgotten-mean")
    was = said(case.page).resolutions["W"]
    for times, found in ((2, False), (1000, True)):
        page = re.sub(f" {was}( +[|] CORRECT)", rf" {float(was) * times:.0e}\1", case.page)
        assert page != case.page
        assert bool(differences(case.page, page, case.report)) is found


def test_a_row_that_is_not_there_is_found(shown):
    """Of a tensor, and of an entry."""
    case = next(case for case in shown if case.name == "forgotten-mean")
    for name in ("`v`", "`b[2]`"):
        less = re.sub(rf"^\| {re.escape(name)}.*\n", "", case.page, flags=re.MULTILINE)
        assert differences(case.page, less, case.report)


def test_the_luck_of_a_machine_is_not():
    """The order of wrong tensors and entries, an uncertainty, the worst of the right ones, a rung more or less."""
    case = gallery.case(gallery.CASES / "d_last_step.py")
    uncertain = {
        t.name: t.uncertainties * np.geomspace(0.5, 2000, t.checked)[::-1] for t in case.report.tensors.values()
    }
    tensors = {name: replace(t, uncertainties=uncertain[name]) for name, t in case.report.tensors.items()}
    tensors["b"] = replace(tensors["b"], uncertainties=tensors["b"].uncertainties * 1e-9)  # foremost of all
    other = replace(case.report, tensors=tensors, evaluations=round(case.report.evaluations * 1.1))
    assert foremost(other) is not foremost(case.report)
    for form in ("md", "html"):
        assert _page(replace(case, report=other), form) != _page(case, form)
        assert differences(_page(replace(case, report=other), form), _page(case, form), other) == []


def test_the_index_leads_to_every_page(shown):
    """It is what the program writes, and leaves no page of reports/ out."""
    text = (gallery.REPORTS / "README.md").read_text(encoding="utf-8")
    assert gallery.index(shown) == text
    pages = [path.relative_to(gallery.REPORTS).as_posix() for path in gallery.REPORTS.rglob("*.md")]
    linked = re.findall(r"\]\(([^)]+)\)", text)
    assert sorted({*linked, "README.md"}) == sorted(pages)


def test_what_each_case_teaches_is_said(shown):
    """A title, a lesson of a few sentences, a program."""
    for case in shown:
        assert ": " in case.title
        assert case.title.endswith(".")
        assert len(case.lesson) > 100
        assert "check_gradients" in case.code


def test_the_comparison_sees_what_matters():
    """A number with digits counts, a rough one does not, a word always does."""
    assert numbers("b[7]  1,210  0.0457 ± 7e-13, about 2e12") == [1210, 0.0457]
    assert structure("b[7] wrong") != structure("b[7] right")
