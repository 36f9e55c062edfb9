"""What `gradcheck explain` refuses: a sentence, exit code 2."""

from __future__ import annotations

import sys

import pytest


@pytest.mark.parametrize("digit", ["12", "-1", "10"])
def test_a_digit_that_there_is_not_is_refused(run, tmp_path, digit):
    """A sentence, exit code 2, nothing written."""
    done = run("explain", f"--digit={digit}")
    assert (done.code, done.out) == (2, "")
    assert done.err == f"gradcheck: there is no digit {digit}; write one from 0 to 9\n"
    assert not (tmp_path / "reports").exists()


def test_a_digit_that_is_no_number_is_refused(run):
    """By the command line itself."""
    done = run("explain", "--digit", "two")
    assert done.code == 2
    assert "invalid int value: 'two'" in done.err


def test_a_folder_that_cannot_be_written_is_refused(run, tmp_path, monkeypatch):
    """A file in its place: a sentence, exit code 2."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    (tmp_path / "taken").touch()
    done = run("explain", "--output", "taken")
    assert done.code == 2
    assert done.err.startswith("gradcheck: ")
    assert "taken" in done.err


def test_a_negative_seed_is_refused(run):
    """There is none."""
    assert run("explain", "--seed=-1").code == 2
