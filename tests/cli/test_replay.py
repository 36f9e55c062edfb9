"""`gradcheck replay`: the same verdict again, from the case or by its test."""

from __future__ import annotations

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest

from gradcheck import Report
from gradcheck.replay import write
from gradcheck.strategies import Case

WRONG = Case(("row", 2), (("dense", 3),), "squares", fault=("bias_twice", 0))
TEST = """
import numpy as np

def test_{name}(gradcheck):
    gradcheck(lambda x: {function}, np.ones(3), grad=lambda x: {gradient})
"""


@pytest.fixture
def case(tmp_path):
    """Write a case of fuzz."""
    return str(write(WRONG, {"entries": 1}, "WRONG", tmp_path))


def test_a_case_is_wrong_again(run, case):
    """The table, and the lines of code that repeat it."""
    done = run("replay", case)
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith("WRONG  Cost")
    assert done.out.endswith(f"\ncheck_gradients(*{WRONG!r}, entries=1)\n")


def test_a_right_case_is_right(run, tmp_path):
    """Once the mistake is gone."""
    done = run("replay", str(write(Case(("row", 2), (("dense", 3),)), {}, "WRONG", tmp_path)))
    assert done.code == 0
    assert done.out.startswith("CORRECT  Dense")


def test_what_is_typed_is_the_last_word(run, case, tmp_path):
    """A keyword, a form and a file."""
    done = run("replay", case, "--seed", "9", "--output", "again.json")
    assert done.out.endswith("written to again.json\n")
    report = Report.load(tmp_path / "again.json")
    assert report.seed == 9
    assert {tensor.checked for tensor in report.tensors.values()} == {1}
    run("replay", case, "--entries", "2", "--output", "again.json")
    assert max(tensor.checked for tensor in Report.load(tmp_path / "again.json").tensors.values()) == 2


@pytest.mark.parametrize(
    ("text", "message"), [(None, "there is no case"), ("{}", "is not a case written by gradcheck")]
)
def test_a_replay_of_nothing_exits_with_2(run, tmp_path, text, message):
    """The reason on stderr."""
    if text is not None:
        (tmp_path / "case.json").write_text(text)
    done = run("replay", "case.json")
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_a_case_that_cannot_be_built_is_shown(run, tmp_path):
    """Its own error, and the exit code 2."""
    path = write(Case(("row", 2), (("dropout", 2.0),)), {}, "ValueError", tmp_path)
    done = run("replay", str(path))
    assert done.code == 2
    assert "gradcheck: the case cannot be built" in done.err


@pytest.fixture(scope="module")
def tested(tmp_path_factory):
    """Let a test fail whose case does not hold the functions it takes."""
    folder = tmp_path_factory.mktemp("tested")
    text = TEST.format(name="wrong", function="float(x @ x)", gradient="3 * x")
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_it.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    subprocess.run(command, cwd=folder, check=False, capture_output=True)
    return next((folder / ".gradcheck" / "cases").glob("*.json"))


def test_a_case_without_its_functions_is_repeated_by_its_test(run, tested):
    """Which runs where it did, with the seed it had; what pytest says is the result."""
    done = run("replay", str(tested))
    assert done.code == 1
    assert "gradcheck: pytest test_it.py::test_wrong --gradcheck-seed=0" in done.err
    assert "1 failed" in done.out
    assert "claimed 3, measured 2" in done.out
    assert "json: written to" not in done.out  # a file of ours


def test_what_a_case_says_is_not_obeyed_by_the_terminal(run, tested, tmp_path):
    """Escape codes in it are spelled out."""
    told = json.loads(tested.read_text()) | {"untold": ["\x1b[31mred"], "test": "absent.py::test"}
    (tmp_path / "case.json").write_text(json.dumps(told))
    done = run("replay", "case.json")
    assert "# \\x1b[31mred" in done.err
    assert "\x1b" not in done.err


def test_a_test_too_has_the_form_asked_for(run, tested):
    """The report of the plugin, in a form of ours."""
    done = run("replay", str(tested), "--format", "github", "--seed", "5")
    assert done.code == 1
    assert done.out.startswith("::error file=test_it.py,line=5,title=WRONG x[")
    assert "1 failed" not in done.out


def test_what_is_typed_reaches_the_test(run, tested, monkeypatch):
    """Seed, entries and workers, in the words of the plugin."""
    asked = []
    monkeypatch.setattr(
        "subprocess.run", lambda command, **_: asked.extend(command) or SimpleNamespace(returncode=0, stdout="")
    )
    assert run("replay", str(tested), "--seed", "5", "--entries", "all", "--workers", "joblib").code == 0
    given = [word for word in asked if word.startswith("--gradcheck-") and "report" not in word]
    assert given == ["--gradcheck-seed=5", "--gradcheck-entries=all", "--gradcheck-workers=joblib"]


def test_a_test_that_passes_by_now_is_right(run, tested, tmp_path):
    """Quietly, if it was asked to be."""
    file = tested.parents[2] / "test_it.py"
    before = file.read_text()
    file.write_text(before.replace("3 * x", "2 * x"))
    done = run("replay", str(tested), "--quiet")
    file.write_text(before)
    assert (done.code, done.out) == (0, "")


def test_a_test_that_is_gone_cannot_be_repeated(run, tested):
    """Exit code 2; pytest says why."""
    file = tested.parents[2] / "test_it.py"
    before = file.read_text()
    file.write_text(before.replace("test_wrong", "test_other"))
    done = run("replay", str(tested))
    file.write_text(before)
    assert done.code == 2
