"""Marks of pytest: skip is honoured, and what only pytest can do is refused."""

from __future__ import annotations

from gradcheck import Run

MARKED = """
import pytest
from models import wrong, fine
skip, skipif, usual = pytest.mark.skip, pytest.mark.skipif, pytest.mark.filterwarnings("ignore")
cases = [
    pytest.param(*wrong, id="later", marks=skip(reason="not yet")),
    pytest.param(*wrong, id="never", marks=[usual, skipif(True, reason="no GPU")]),
    pytest.param(*fine, id="always", marks=skipif(False, reason="no GPU")),
]
refused = [
    pytest.param(*wrong, id="known", marks=pytest.mark.xfail),
    pytest.param(*wrong, id="worded", marks=skipif("sys.version_info > (3,)", reason="-")),
]
"""


def test_a_mark_that_only_pytest_understands_is_refused(run, tmp_path):
    """The case is broken, the others are checked."""
    (tmp_path / "package.py").write_text(MARKED)
    done = run("check", "package:refused")
    assert done.code == 2
    assert "gradcheck: package:refused[known]: it is marked xfail, and a command expects no failure" in done.err
    assert "gradcheck: package:refused[worded]: its skipif has a condition in words" in done.err


def test_a_case_that_is_marked_skip_is_skipped_aloud(run, tmp_path):
    """With its reason, on stderr; other marks that select tests say nothing here."""
    (tmp_path / "package.py").write_text(MARKED)
    done = run("check", "package", "--output", "run.json")
    assert done.code == 0
    assert [check.test for check in Run.load("run.json").checks] == ["package:cases[always]"]
    assert done.err.splitlines() == [
        "gradcheck: package:cases[later]: skipped: not yet",
        "gradcheck: package:cases[never]: skipped: no GPU",
    ]
