"""What type checkers see: one signature for check_gradients, assert_gradients and the fixture."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gradcheck

ROOT = Path(__file__).parents[1]
CALLS = '''
"""Calls of all three: those that a comment calls so are misspelt."""

from __future__ import annotations


from gradcheck import Gradcheck, Report, assert_gradients, check_gradients


def f(x: float, power: int = 2) -> float:
    return x**power


def df(x: float, power: int = 2) -> float:
    return power * x ** (power - 1)


def test(gradcheck: Gradcheck) -> None:
    report: Report = check_gradients(f, 1.0, grad=df, seed=1, rtol=1e-3, inputs={"power": 3})
    report = assert_gradients(f, 1.0, grad=df, entries="all", workers=None)
    report = gradcheck(f, 1.0, grad=df, neighbours=0, progress=False)
    check_gradients(f, 1.0, grad=df, sead=1)  # misspelt
    assert_gradients(f, 1.0, grad=df, entires="all")  # misspelt
    gradcheck(f, 1.0, grad=df, neighbors=0)  # misspelt
    check_gradients(f, 1.0, grad=df, power=3)  # misspelt, as far as a type checker can know
    check_gradients(f, 1.0, grad=df, seed="1")  # misspelt: a number
    assert_gradients(f, 1.0, grad=df, entries=1.5)  # misspelt: a word, or a whole number
    gradcheck(f, 1.0, grad=df, inputs=3)  # misspelt: a dict
    print(report)
'''
EXPECTED = [number for number, line in enumerate(CALLS.splitlines(), 1) if "# misspelt" in line]
CHECKERS = {
    "mypy": ("mypy", "--strict", "--no-color-output"),
    "pyright": ("pyright",),
}


@pytest.mark.parametrize("checker", CHECKERS)
def test_a_misspelt_keyword_is_an_error_and_no_other_is(checker, tmp_path):
    """Of check_gradients, assert_gradients and the fixture alike; so is a value of the wrong type."""
    if importlib.util.find_spec(checker) is None:
        pytest.skip(f"needs {checker}")
    file = tmp_path / "test_calls.py"
    file.write_text(CALLS, encoding="utf-8")
    command = [sys.executable, "-m", *CHECKERS[checker], str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = {int(line) for line in re.findall(r"test_calls\.py:(\d+):(?:\d+)?.*error", done.stdout)}
    assert sorted(found) == EXPECTED, done.stdout + done.stderr


@pytest.mark.parametrize("checker", CHECKERS)
def test_a_project_of_a_user_is_without_an_error(checker):
    """Every public name, and the type of what each call returns; `make test-types` asks it of the installed package."""
    if importlib.util.find_spec(checker) is None:
        pytest.skip(f"needs {checker}")
    command = [sys.executable, "-m", *CHECKERS[checker], str(ROOT / "tests" / "consumer" / "project.py")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_project_of_a_user_names_every_public_name():
    """Else a new one would be typed for nobody."""
    project = (ROOT / "tests" / "consumer" / "project.py").read_text(encoding="utf-8")
    assert [name for name in gradcheck.__all__ if not re.search(rf"\b{name}\b", project)] == []
