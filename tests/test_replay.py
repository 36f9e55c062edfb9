"""Failing cases: written as JSON, read back, and told in a line of code."""

from __future__ import annotations

import json

import pytest

from gradcheck import Verdict, check_gradients
from gradcheck.replay import command, read, write
from gradcheck.strategies import Case

CASE = Case(("row", 2), (("dense", 3), ("residual", (("tanh",),))), "squares", batch=2, fault=("bias_twice", 0))


def test_a_case_comes_back(tmp_path):
    """It is the same, with the keywords of its check."""
    path = write(CASE, {"entries": 5}, "MISSED", tmp_path / "a" / "b")
    assert read(path) == (CASE, {"entries": 5})
    assert json.loads(path.read_text())["failure"] == "MISSED"


def test_the_name_is_made_of_what_it_says(tmp_path):
    """The same case has the same name, another one another."""
    first, again = (write(CASE, {}, "WRONG", tmp_path) for _ in range(2))
    other = write(Case(), {}, "WRONG", tmp_path)
    assert first == again != other
    assert sorted(tmp_path.iterdir()) == sorted([first, other])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Expecting value"),
        ("[]", "is no case that"),
        ("{}", "schema"),
        ('{"schema": 2}', "it has the schema 2, not 1"),
        ('{"schema": 1, "keywords": {}, "case": {"layers": [["densest"]]}}', "no layer is of the kind"),
        ('{"schema": 1, "keywords": 3, "case": {}}', "is no case that"),
    ],
)
def test_what_is_no_case_is_refused(tmp_path, text, message):
    """The message says what is amiss, and with which file."""
    path = tmp_path / "case.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=message) as caught:
        read(path)
    assert str(path) in str(caught.value)


def test_the_command_checks_the_case():
    """Pasted after two imports it finds what was found."""
    line = command(CASE, {"entries": 2, "neighbours": 0})
    assert line.endswith(", entries=2, neighbours=0)")
    assert eval(line, {"check_gradients": check_gradients, "Case": Case}).verdict is Verdict.WRONG
