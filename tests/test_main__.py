"""Is `python -m gradcheck` the same as `gradcheck`? It is."""

from __future__ import annotations

import runpy
import sys

import pytest

from gradcheck import __version__


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the package as a module; return the exit code, and what was printed."""

    def called(*argv):
        monkeypatch.setattr(sys, "argv", ["__main__.py", *argv])
        with pytest.raises(SystemExit) as caught:
            runpy.run_module("gradcheck", run_name="__main__", alter_sys=True)
        return caught.value.code, *capsys.readouterr()

    return called


def test_what_is_no_command_fails(run):
    """In the name of the command, whatever the file is called."""
    code, out, err = run("dance")
    assert (code, out) == (2, "")
    assert err.startswith("usage: gradcheck")
    assert "__main__" not in err


def test_what_is_a_command_is_done(run):
    """The exit code is that of the command."""
    assert run("--version") == (0, f"gradcheck {__version__}\n", "")


def test_alone_nothing_is_checked(run):
    """It says what can be typed, and that nothing was done."""
    code, out, err = run()
    assert (code, out) == (2, "")
    assert "gradcheck demo" in err
