"""What a target holds: one case, a list, a dict, or a generator of them; each has a name."""

from __future__ import annotations

import json

import pytest

from gradcheck import Run, Verdict


def test_cases_that_end_in_an_error_keep_what_was_checked(run):
    """The rest is a row that is broken, the error on stderr."""
    done = run("check", "models:halting")
    assert done.code == 2
    assert "KeyError: 'halfway'" in done.err
    assert "gradcheck: models:halting raised KeyError after 1 case\n" in done.err
    assert "models:halting raised KeyError after 1 case" in done.out
    assert "1 broken, 1 correct" in done.out


@pytest.mark.parametrize(
    ("target", "tests"),
    [
        ("models:named", ["models:named[first]", "models:named[second]"]),
        ("models:listed", ["models:listed[0]", "models:listed[1]"]),
    ],
)
def test_cases_may_be_a_list_or_a_dict(run, target, tests):
    """The names are those of the dict, or numbers."""
    done = run("check", target, "--format", "json")
    assert [check["test"] for check in json.loads(done.out)["checks"]] == tests


def test_cases_may_be_those_of_a_parametrised_test(run, tmp_path):
    """What pytest.param holds, under its id."""
    more = "import pytest\nfrom models import *\ncases = [pytest.param(*wrong, id='bad'), pytest.param(fine)]\n"
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text(more)
    run("check", "package", "--output", "run.json")
    found = {check.test: check.report.verdict for check in Run.load("run.json").checks}
    assert found == {"package:cases[bad]": Verdict.WRONG, "package:cases[1]": Verdict.CORRECT}


def test_cases_of_one_name_are_told_apart(run, tmp_path):
    """By a number."""
    (tmp_path / "package.py").write_text("from models import fine\ncases = [('a', fine), ('a', fine), ('b', fine)]\n")
    run("check", "package", "--output", "run.json")
    assert [check.test[8:] for check in Run.load("run.json").checks] == ["cases[a]", "cases[a-2]", "cases[b]"]


@pytest.mark.parametrize("target", ["models:named[second]", "models:listed[1]", "models.py:named[second]"])
def test_a_case_is_named_as_it_is_printed(run, target):
    """The whole report of that one, and of no other."""
    done = run("check", target, "--format", "json")
    (printed,) = (test for test in all_of(run, target.partition("[")[0]) if test == target)
    assert printed == target
    assert len(json.loads(done.out)["tensors"]) > 0
    assert done.code == 0


def all_of(run, target):
    return [check["test"] for check in json.loads(run("check", target, "--format", "json").out)["checks"]]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (
            "models:named[third]",
            "'models:named[third]' names nothing; there is models:named[first], models:named[second]",
        ),
        ("models:fine[0]", "'models:fine[0]' names nothing: models:fine is one case; write models:fine"),
        ("package:cases[a]", "'package:cases[a]' is skipped"),
    ],
)
def test_a_case_that_is_not_there_is_refused(run, tmp_path, target, said):
    """With the names of those that are."""
    skipped = "import pytest\nfrom models import fine\ncases = [pytest.param(*fine, id='a', marks=pytest.mark.skip)]\n"
    (tmp_path / "package.py").write_text(skipped)
    done = run("check", target)
    assert done.code == 2
    assert said in done.err
