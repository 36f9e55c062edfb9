"""What a command found goes to stdout or to a file, in the form that was asked for."""

from __future__ import annotations

import io
import json

import pytest

from gradcheck import Report
from gradcheck._render import terminal


@pytest.mark.parametrize(
    ("form", "beginning"),
    [
        ("table", "WRONG  cube"),
        ("text", "WRONG  cube"),
        ("markdown", "# WRONG: `cube`"),
        ("json", '{\n "schema": 2'),
        ("csv", "tensor,index,kind"),
        ("html", "<!DOCTYPE html>"),
        ("github", "::error file=models.py,line="),
    ],
)
def test_the_report_is_printed_in_the_form_asked_for(run, form, beginning):
    """Results go to stdout, so that they can be piped."""
    done = run("check", "models:wrong", "--format", form)
    assert done.code == 1
    assert done.out.startswith(beginning)


def test_the_output_goes_to_a_file_by_its_suffix(run, tmp_path):
    """The file has the report, stdout a line on it."""
    done = run("check", "models:wrong", "--output", "cube.json")
    assert (done.code, done.out) == (1, "WRONG  cube: written to cube.json\n")
    assert Report.load(tmp_path / "cube.json").wrong[0].name == "x[1]"


def test_a_form_asked_for_beats_the_suffix(run, tmp_path):
    """Whoever names both wants it so."""
    run("check", "models:wrong", "--output", "cube.log", "--format", "json")
    assert json.loads((tmp_path / "cube.log").read_text())["verdict"] == "WRONG"


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (
            "cube.pdf",
            "--output cube.pdf: the suffix chooses the form, one of .html, .md, .json, .csv, .txt; or say --f",
        ),
        ("absent/cube.md", "--output absent/cube.md: there is no folder 'absent'"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_checked(run, file, message):
    """The reason on stderr; what was not imported was not checked."""
    done = run("check", "faulty:x", "--output", file)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"gradcheck: {message}")


def test_a_file_that_is_not_written_after_all_loses_nothing(run, tmp_path):
    """The reason is that of the system; what was found is shown."""
    (tmp_path / "folder.md").mkdir()
    done = run("check", "models:fine", "--output", "folder.md")
    assert done.code == 2
    assert done.err == "gradcheck: --output folder.md: Is a directory\n"
    assert done.out.startswith("CORRECT")


@pytest.fixture
def tty(monkeypatch):
    """Make a stream that says it is a terminal, of so many columns."""
    monkeypatch.setenv("TERM", "xterm")
    for variable in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(variable, raising=False)

    def terminal(width=80):
        monkeypatch.setenv("COLUMNS", str(width))
        stream = io.StringIO()
        stream.isatty = lambda: True
        return stream

    return terminal


@pytest.mark.parametrize(
    ("variables", "on_terminal", "elsewhere"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"TERM": "dumb"}, False, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True, True),
    ],
    ids=lambda value: " ".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else None,
)
def test_colours_are_for_terminals_and_for_who_wants_them(tty, monkeypatch, variables, on_terminal, elsewhere):
    """NO_COLOR and FORCE_COLOR mean what they mean everywhere."""
    stream = tty()
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert terminal.coloured(stream) is on_terminal
    assert terminal.coloured(io.StringIO()) is elsewhere


@pytest.mark.parametrize(("columns", "width"), [(80, 80), (200, 200), (40, 40), (12, 40)])
def test_a_page_is_as_wide_as_the_terminal(tty, columns, width):
    """But no table fits less than 40 columns; where there is no terminal it has 100."""
    assert terminal.columns(tty(columns)) == width
    assert terminal.columns(io.StringIO()) == 100


def test_a_narrow_terminal_in_colours(run, tty, monkeypatch):
    """The command asks the terminal; the verdict is a word, and coloured."""
    stream = tty(50)
    monkeypatch.setattr("sys.stdout", stream)
    assert run("check", "models:wrong").code == 1
    page = stream.getvalue()
    assert page.startswith("\x1b[1;31mWRONG\x1b[0m  cube: ")
    plain = page.replace("\x1b[1;31m", "").replace("\x1b[0m", "")
    assert max(map(len, plain.splitlines())) <= 50
    assert "\x1b" not in plain


def test_no_colour_gets_into_a_file(run, monkeypatch, tmp_path):
    """However much it is forced."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in run("check", "models:wrong").out
    run("check", "models:wrong", "--output", "cube.txt")
    assert "\x1b" not in (tmp_path / "cube.txt").read_text()
