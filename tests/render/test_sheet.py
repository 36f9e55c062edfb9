"""What is no report: a verdict, a sentence, tables and remarks, in three forms."""

from __future__ import annotations

import pytest

from gradcheck._render.rows import Table
from gradcheck._render.sheet import FORMS, Sheet, check_form, render

TABLE = Table(("name", "n"), ("left", "right"), (("a", "1"),))
EMPTY = Table(("name", "n"), ("left", "right"), ())
SHEET = Sheet(
    "MISSED",
    "one of *two*",
    (("found", TABLE), ("absent", EMPTY)),
    (("note", ("first", "second")),),
    (("MISSED  it", "check(1)\ncheck(2)"),),
)


def test_an_unknown_form_is_refused():
    """The error names those that would do."""
    with pytest.raises(ValueError, match=f"no form 'text'; the known ones are {', '.join(FORMS)}"):
        check_form("text")


def test_the_terminal_shows_this():
    """A table without rows is left out with its caption; code stands as it is."""
    assert render(SHEET, "table").splitlines() == [
        "MISSED  one of *two*", "", "found", "", "name  n", "----  -", "a     1", "", "note       first",
        "           second", "", "MISSED it", "  check(1)", "  check(2)",
    ]  # fmt: skip
    assert render(SHEET, "table", colour=True).startswith("\x1b[1;31mMISSED\x1b[0m  ")


def test_markdown_shows_the_same():
    """Under headings; no sentence has markup of its own."""
    page = render(SHEET, "markdown")
    assert page.startswith("# MISSED: one of \\*two\\*\n\n## Found\n\n| name")
    assert "Absent" not in page
    assert "## Note\n\n- first\n- second\n\nMISSED it\n\n    check(1)\n    check(2)\n" in page


@pytest.mark.parametrize(("verdict", "sign"), [("MISSED", "✘"), ("SAME", "✔"), ("DIFFERENT", "?")])
def test_a_word_that_is_no_verdict_bears_the_sign_of_one(verdict, sign):
    """On a page no colour stands alone."""
    assert f'<span aria-hidden="true">{sign}</span> {verdict}' in render(Sheet(verdict, "x", ()), "html")
