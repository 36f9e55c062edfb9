"""`gradcheck compare`: a gate that lets nothing get worse."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def saved(run):
    """Save a wrong report and a right one, both on a function `cube`, and runs of both."""
    run("check", "models:wrong", "--output", "wrong.json")
    run("check", "models:fine", "--output", "fine.json")
    run("check", "models:named", "--output", "both.json")
    run("check", "models:named", "--output", "again.json")
    return run


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ("fine.json", "wrong.json", 1, "WORSE  1 newly wrong, 0 tensors as before\n"),
        ("wrong.json", "fine.json", 0, "BETTER  1 newly right, 0 tensors as before\n"),
        ("both.json", "again.json", 0, "SAME  2 tensors as before\n"),
    ],
)
def test_what_got_worse_exits_with_1(saved, old, new, code, said):
    """What was wrong before may stay so."""
    done = saved("compare", old, new)
    assert (done.code, done.err) == (code, "")
    assert done.out.startswith(said)


def test_what_is_gone_fails_where_it_is_strict(saved, tmp_path):
    """A test that vanished hides what it found."""
    page = json.loads((tmp_path / "both.json").read_text())
    (tmp_path / "one.json").write_text(json.dumps(page | {"checks": page["checks"][1:]}))
    done = saved("compare", "both.json", "one.json")
    assert done.code == 0
    assert "vanished" in done.out
    assert saved("compare", "both.json", "one.json", "--strict").code == 1
    assert saved("compare", "one.json", "one.json", "--strict").code == 0


@pytest.mark.parametrize(
    ("form", "beginning"),
    [
        ("table", "WORSE  1 newly wrong"),
        ("markdown", "# WORSE: 1 newly wrong"),
        ("json", '{\n "schema": 1,\n "verdict": "WORSE"'),
        ("csv", "test,model,tensor,change,was,now,grade\n,cube,x,newly wrong,CORRECT,WRONG,WORSE\n"),
        ("github", "::error title=newly wrong%3A x::"),
        ("html", "<!DOCTYPE html>"),
    ],
)
def test_it_has_every_form(saved, form, beginning):
    """To stdout, or to a file."""
    done = saved("compare", "fine.json", "wrong.json", "--format", form)
    assert done.out.startswith(beginning)
    assert "newly wrong" in done.out


def test_quiet_is_the_exit_code_alone(saved):
    """But what got worse is shown."""
    assert saved("compare", "both.json", "again.json", "--quiet").out == ""
    assert saved("compare", "fine.json", "wrong.json", "--quiet").out.startswith("WORSE")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("absent.json", "fine.json"), "gradcheck: absent.json: No such file or directory\n"),
        (("fine.json", "models.py"), "gradcheck: 'models.py' is not a report that gradcheck saved as JSON: "),
        (("fine.json",), "usage: gradcheck compare"),
        (("fine.json", "fine.json", "--factor", "1"), "usage: gradcheck compare"),
        (("fine.json", "fine.json", "--factor", "x"), "usage: gradcheck compare"),
    ],
)
def test_what_cannot_be_compared_exits_with_2(saved, argv, message):
    """The reason on stderr, nothing on stdout."""
    done = saved("compare", *argv)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(message)
