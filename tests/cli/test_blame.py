"""An exception in the user's code is shown as his own."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("target", "place", "message"),
    [
        ("faulty:x", 'faulty.py", line 2', "No module named 'absent_module'"),
        ("faulty.py:x", 'faulty.py", line 2', "No module named 'absent_module'"),
        ("unreadable:x", 'unreadable.py", line 1', "SyntaxError"),
        ("unreadable.py", 'unreadable.py", line 1', "SyntaxError"),
        ("models:failing", "in failing", "KeyError: 'absent'"),
    ],
)
def test_an_error_of_the_user_is_shown_as_his_own(run, target, place, message):
    """The traceback begins in the user's file: no frame of ours, none of the import system."""
    done = run("check", target)
    assert place in done.err
    assert message in done.err
    assert "importlib" not in done.err
    assert "gradcheck/cli" not in done.err


def test_an_exception_of_the_function_is_shown_with_its_line(run):
    """A function that raises cannot be checked: its own error on stderr, the report on stdout."""
    done = run("check", "models:broken")
    assert done.code == 2
    assert "ZeroDivisionError: of mine" in done.err
    assert "in raises" in done.err
    assert done.out.startswith("BROKEN  raises")
