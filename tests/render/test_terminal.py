"""How wide a stream is, and whether it takes colours."""

from __future__ import annotations

import io
import os

import pytest

from gradcheck import Verdict
from gradcheck._render.terminal import COLUMNS, FEWEST, coloured, columns, painted


@pytest.fixture
def tty(monkeypatch):
    """Make a stream that says it is a terminal, of so many columns."""
    for variable in ("NO_COLOR", "FORCE_COLOR", "TERM", "COLUMNS"):
        monkeypatch.delenv(variable, raising=False)

    def make(width=80):
        stream = io.StringIO()
        stream.isatty = lambda: True
        monkeypatch.setattr("shutil.get_terminal_size", lambda fallback=None: os.terminal_size((width, 24)))
        return stream

    return make


@pytest.mark.parametrize(("width", "expected"), [(3, FEWEST), (72, 72), (300, 300)])
def test_a_terminal_is_as_wide_as_it_is(tty, width, expected):
    """But not narrower than what a table can bear."""
    assert columns(tty(width)) == expected


def test_what_is_no_terminal_has_a_hundred_columns_and_no_colours(tty):
    """A file looks the same everywhere."""
    tty(20)
    assert columns(io.StringIO()) == COLUMNS == 100
    assert not coloured(io.StringIO())


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, True),
        ({"TERM": "dumb"}, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
    ],
)
def test_colours_are_for_who_wants_them(tty, monkeypatch, variables, expected):
    """NO_COLOR is stronger than FORCE_COLOR."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert coloured(tty()) is expected


def test_every_verdict_has_a_colour_and_no_other_word():
    """The word itself stays."""
    assert all(painted(str(v)).startswith("\x1b[") and str(v) in painted(str(v)) for v in Verdict)
    assert painted("W1") == "W1"
