"""The page of a run: which of its checks are shown in full, and how each is repeated."""

from __future__ import annotations

import pytest

from gradcheck._render.html import page as html
from gradcheck._render.html.runs import FOLDED, SHOWN, commands
from gradcheck._render.html.sections import PICTURED
from gradcheck._results.run import Check, Run

MIB = 2**20


def test_the_pictures_of_a_run_are_shared_out(mlp):
    """The worst checks have them; the others have their message and their table."""
    page = html.render_run(Run(tuple(Check(mlp, f"test_{k}") for k in range(PICTURED + 5))))
    assert page.count('class="finding"') == PICTURED
    assert page.count('<section class="check">') == PICTURED + 5
    assert page.count("1 more tensor needs a look") == 5


@pytest.mark.parametrize("wanted", ["right", "wrong"])
def test_a_run_of_a_thousand_checks_is_a_page_that_can_be_used(mlp, report, tensor, wanted):
    """Every check has its row; the sections are bounded, and those left out are counted."""
    made = mlp if wanted == "wrong" else report(tensor())
    page = html.render_run(Run(tuple(Check(made, f"test_{k}") for k in range(1000))))
    assert len(page.encode()) < MIB
    assert page.count('<tr><th scope="row">') >= 1000
    assert f"{1000 - (SHOWN if wanted == 'wrong' else FOLDED)} more" in page


def test_an_empty_run_says_so():
    """No check, no table."""
    page = html.render_run(Run(()))
    assert "No check was made." in page
    assert "<table" not in page


@pytest.mark.parametrize(
    ("check", "command"),
    [
        ({"case": "a b.json", "test": "t.py::test"}, "gradcheck replay 'a b.json'"),
        ({"test": "tests/t.py::test[a b]"}, "pytest 'tests/t.py::test[a b]' --gradcheck-seed 0"),
        ({"test": "package.module:model"}, "gradcheck check package.module:model --seed 0"),
    ],
)
def test_a_check_says_how_to_repeat_it(report, check, command):
    """By its saved case, else by the test or the object that it is named after; ready for a shell."""
    assert commands(Check(report(), **check)) == (command,)


def test_a_check_of_unknown_origin_has_no_command(report):
    """Nothing is made up."""
    assert commands(Check(report())) == ()
