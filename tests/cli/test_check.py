"""`gradcheck check`: what it finds, what it prints where, and with which code it exits."""

from __future__ import annotations

import json

import pytest

from gradcheck import GradientError, Report, Run, Verdict


@pytest.mark.parametrize(
    ("target", "code", "verdict"),
    [
        ("models:wrong", 1, "WRONG  cube"),
        ("models:recipe", 1, "WRONG  cube"),
        ("models.py:wrong", 1, "WRONG  cube"),
        ("models:fine", 0, "CORRECT  cube"),
        ("models:Holder.recipe", 0, "CORRECT  cube"),
        ("models:spelled_out", 0, "CORRECT  cube"),
        ("models:net", 0, "CORRECT  Net"),
        ("models:untested", 5, "UNTESTED  flat"),
        ("models:unsteady", 2, "BROKEN  restless"),
    ],
)
def test_the_exit_code_says_what_was_found(run, target, code, verdict):
    """1 wrong, 0 not wrong, 5 nothing was checked, 2 could not check; the table on stdout."""
    done = run("check", target)
    assert (done.code, done.out[: len(verdict)], done.err) == (code, verdict, "")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("models:", "'models:' is not of the form package.module:object or path/to/file.py:object"),
        ("models:absent", "'models:absent' names nothing: there is no 'absent'; models has wrong, fine, untested"),
        ("models:Holder.absent", "'models:Holder.absent' names nothing: there is no 'absent'"),
        ("absent_module:x", "ModuleNotFoundError: No module named 'absent_module'"),
        ("models.wrong", "if 'wrong' is an object in the module 'models', write models:wrong"),
        ("absent.py:x", "gradcheck: there is no file 'absent.py'"),
        (".", "'.' is a folder; name package.module:object or path/to/file.py:object"),
        ("absent/", "'absent/' is neither a module nor a file of Python; name package.module:object"),
        (".models:wrong", "'.models' is neither a module nor a file of Python"),
        ("models:_nothing", "models:_nothing was called and returned None; let it return (model, *inputs)"),
        ("models:failing", "KeyError: 'absent'"),
        ("models:leaving", "SystemExit"),
        ("leaving:x", "SystemExit"),
        ("models:misspelt", "gard"),
        ("models:no_model", "models:no_model: a dict needs the keys 'model'"),
        ("models:incomplete", "gradcheck: "),
        ("models:not_a_model", "gradcheck: "),
        ("models:hungry", "gradcheck: "),
    ],
)
def test_what_cannot_be_checked_exits_with_2(run, target, message):
    """A sentence on stderr, nothing on stdout, no frame of ours."""
    done = run("check", target)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert "gradcheck/cli" not in done.err


def test_each_case_is_checked_on_its_own(run):
    """A row for each, under its name, worst first; one that raises does not stop the others."""
    done = run("check", "models:cases")
    assert done.code == 1
    assert done.out.startswith("WRONG  models:cases: 1 wrong, 3 broken, 2 correct\n")
    rows = [line.split() for line in done.out.splitlines()[4:10]]
    assert [row[0] for row in rows] == [f"models:cases[{name}]" for name in ("named", 2, 3, 4, 0, 5)]
    assert [row[-1] for row in rows] == ["WRONG"] + 3 * ["BROKEN"] + 2 * ["CORRECT"]
    assert "ZeroDivisionError: of mine" in done.err
    assert "gradcheck: models:cases[3]: unknown keyword gard=" in done.err
    assert "a dict needs the keys 'model'" in done.err


def test_an_object_that_cannot_be_looked_at_is_shown(run, tmp_path):
    """The exception is the user's, and the others are checked all the same."""
    source = "class Shy:\n    def __getattr__(self, name):\n        raise RuntimeError('go away')\n"
    (tmp_path / "package.py").write_text(f"from models import X, fine\n{source}cases = [(Shy(), X), fine]\n")
    done = run("check", "package")
    assert done.code == 2
    assert "gradcheck: package:cases[0]: it cannot be checked: RuntimeError: go away" in done.err
    assert "1 broken, 1 correct" in done.out


@pytest.mark.parametrize("target", ["models:empty", "package:cases"])
def test_no_cases_is_nothing_checked(run, target, tmp_path):
    """Exit code 5, as of pytest; a dict may be as empty as a list."""
    (tmp_path / "package.py").write_text("cases = {}\n")
    done = run("check", target)
    assert done.code == 5
    assert "no check was made" in done.out


def test_several_targets_are_one_run(run):
    """One that cannot be loaded does not stop the others."""
    done = run("check", "models:absent", "models:wrong", "models:fine", "--output", "run.json")
    assert done.code == 1
    assert "gradcheck: models:absent: 'models:absent' names nothing" in done.err
    verdicts = {check.test: check.report.verdict for check in Run.load("run.json").checks}
    assert verdicts == {
        "models:absent": Verdict.BROKEN,
        "models:wrong": Verdict.WRONG,
        "models:fine": Verdict.CORRECT,
    }


def test_an_interruption_shows_what_was_checked_by_then(run):
    """Exit code 130, and a table."""
    done = run("check", "models:stopped")
    assert done.code == 130
    assert "WRONG  models:stopped: 1 wrong, 1 correct" in done.out
    assert done.err == "gradcheck: interrupted after 2 cases\n"


def test_what_the_user_prints_is_no_result(run):
    """It goes to stderr, so that JSON stays JSON."""
    done = run("check", "models:chatty", "--format", "json")
    assert done.err == "of mine\n"
    assert json.loads(done.out)["verdict"] == "CORRECT"


def test_the_option_seed_is_the_last_word(run):
    """What is typed now counts more than what the object says."""
    assert "seed 3;" in run("check", "models:fine").out
    assert "seed 9;" in run("check", "models:fine", "--seed", "9").out
    assert "seed 9;" in run("check", "models:wrong", "--seed=9").out


def test_who_asks_sees_what_the_calls_were_made_for(run):
    """And nobody else."""
    assert "made for" in run("check", "models:wrong", "--verbose").out
    assert "made for" not in run("check", "models:wrong").out


def test_no_more_calls_are_made_than_are_typed(run):
    """What is left undone is said, and nothing passes for it: it could not be checked."""
    done = run("check", "models:fine", "--max-evaluations", "10", "--verbose")
    assert done.code == 2
    assert "left undone: " in done.out
    assert "10 evaluations" in done.out


def test_quiet_says_nothing_while_all_is_right(run):
    """The exit code does; a wrong gradient is shown all the same."""
    assert run("check", "models:fine", "--quiet").out == ""
    assert run("check", "models:wrong", "--quiet").out.startswith("WRONG  cube")
    assert run("check", "models:idle", "--quiet", "--strict").out.startswith("UNTESTED  half_idle")


def test_quiet_gives_what_was_asked_for(run, tmp_path):
    """A form that was named is printed, a file written, without a line on it."""
    assert json.loads(run("check", "models:fine", "--quiet", "--format", "json").out)["verdict"] == "CORRECT"
    assert run("check", "models:fine", "--quiet", "--output", "fine.json").out == ""
    assert Report.load(tmp_path / "fine.json").verdict is Verdict.CORRECT


def test_an_error_without_a_report_is_still_said(run, monkeypatch):
    """Whatever the checker raises has its sentence on stderr."""

    def fail(*_, **__):
        msg = "beyond help"
        raise GradientError(msg)

    monkeypatch.setattr("gradcheck.check_gradients", fail, raising=False)
    done = run("check", "models:not_a_model")
    assert done.code == 2
    assert "beyond help" in done.err
