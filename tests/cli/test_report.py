"""`gradcheck report`: what was saved is shown again."""

from __future__ import annotations

import json

import pytest

from gradcheck import Run


@pytest.fixture
def saved(run):
    """Save a wrong report, a right one, and a run of several."""
    run("check", "models:wrong", "--output", "wrong.json")
    run("check", "models:fine", "--output", "fine.json")
    run("check", "models:named", "--output", "run.json")
    return run


@pytest.mark.parametrize("form", ["table", "markdown", "json", "csv", "html"])
@pytest.mark.parametrize(("file", "target"), [("wrong.json", "models:wrong"), ("run.json", "models:named")])
def test_it_looks_as_it_did(saved, file, target, form):
    """In any form, as if it had just been checked; the exit code is the same."""
    again, first = saved("report", file, "--format", form), saved("check", target, "--format", form)
    assert (again.code, again.out, again.err) == (first.code, first.out, "") == (1, first.out, "")


def test_a_right_report_exits_with_0(saved):
    """And says nothing, quietly."""
    assert saved("report", "fine.json").code == 0
    assert saved("report", "fine.json", "--quiet").out == ""


def test_several_become_one_run(saved, tmp_path):
    """The checks of all, in the form that the suffix names."""
    done = saved("report", "fine.json", "run.json", "wrong.json", "--output", "all.json")
    assert (done.code, done.out) == (1, "WRONG  fine.json, run.json, wrong.json: written to all.json\n")
    assert [check.test for check in Run.load(tmp_path / "all.json").checks] == [
        "",
        "models:named[first]",
        "models:named[second]",
        "",
    ]


def test_an_older_schema_is_read(saved, tmp_path):
    """What the first version wrote."""
    page = json.loads((tmp_path / "wrong.json").read_text())
    del page["stages"]
    (tmp_path / "old.json").write_text(json.dumps(page | {"schema": 1}))
    assert saved("report", "old.json").out == saved("report", "wrong.json").out


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("absent.json", "gradcheck: absent.json: No such file or directory\n"),
        ("models.py", "gradcheck: 'models.py' is not a report that gradcheck saved as JSON: "),
        (".", "gradcheck: .: Is a directory\n"),
    ],
)
def test_what_is_no_report_exits_with_2(run, file, message):
    """The reason on stderr, nothing on stdout."""
    done = run("report", file)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(message)


def test_strict_lets_nothing_untested_pass(run):
    """As in `gradcheck check`."""
    run("check", "models:idle", "--output", "idle.json")
    assert run("report", "idle.json").code == 0
    assert run("report", "idle.json", "--strict").code == 2
