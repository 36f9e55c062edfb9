"""Does the gallery in reports/ show what the code says? `make reports` writes it anew if not."""

from __future__ import annotations

import re

import numpy as np
import pytest
from pages import gallery, numbers, structure

from gradcheck import Verdict
from gradcheck._render.faces import render

PATHS = sorted(gallery.CASES.glob("*.py"))
DRAWN = re.compile(r"<svg.*?</svg>|<style>.*?</style>|<script>.*?</script>|base64,[^\"]*|sha256-[^\']*", re.DOTALL)


@pytest.fixture(scope="module")
def shown():
    """Run every case once."""
    return list(gallery.cases())


def test_wrong_gradients_are_among_them(shown):
    """Ten cases, and every verdict there is."""
    assert len(shown) == len(PATHS) == 10
    assert {case.report.verdict for case in shown} == set(Verdict)
    assert sum(case.report.verdict is Verdict.WRONG for case in shown) >= 4


def test_the_pages_are_what_the_code_says(shown):
    """The structure exactly, the numbers to one digit."""
    for case in shown:
        old = (gallery.REPORTS / "gallery" / f"{case.name}.md").read_text(encoding="utf-8")
        assert structure(case.page) == structure(old)
        np.testing.assert_allclose(numbers(case.page), numbers(old), rtol=0.1)


def test_the_pages_for_the_browser_are_too(shown):
    """The same words in the same order; pictures may differ in a pixel."""
    for case in shown:
        old = (gallery.REPORTS / "gallery" / f"{case.name}.html").read_text(encoding="utf-8")
        assert structure(DRAWN.sub("", render(case.report, "html"))) == structure(DRAWN.sub("", old))
        assert old.count("<svg") == render(case.report, "html").count("<svg")


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
