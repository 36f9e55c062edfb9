"""Where reports go: a type that there is not, and a file that cannot be written, are refused before the first test."""

from __future__ import annotations

import pytest

SOURCE = """
def test_right(gradcheck): gradcheck(cube, X, grad=right)
def test_wrong(gradcheck):
    gradcheck(cube, X, grad=twice)
"""


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("hmtl", "there is no type 'hmtl'; did you mean html?"),
        ("", "there is no type ''; write one of term, *"),
        ("html:", "a file is missing; write html:FILE, or html alone"),
        ("term:x.txt", "term goes to the terminal; write term alone"),
        ("json:folder", "folder is a folder"),
        ("json:cubes.py/x.json", "it cannot be written there: *"),
    ],
)
def test_what_cannot_be_written_is_refused_before_a_test_runs(run, pytester, given, message):
    """One sentence, exit code 4, and nothing is left behind."""
    (pytester.path / "folder").mkdir()
    result = run(SOURCE, f"--gradcheck-report={given}")
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"ERROR: --gradcheck-report={given}: {message}"])
    result.stdout.no_fnmatch_line("*test_it*")
    assert sorted(path.name for path in pytester.path.iterdir() if path.suffix != ".pyc") == [
        "cubes.py",
        "folder",
        "test_it.py",
    ]


def test_two_reports_do_not_share_a_file(run):
    """The second would hide the first."""
    result = run(SOURCE, "--gradcheck-report=json:a", "--gradcheck-report=csv:./a")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: --gradcheck-report=csv:./a: another report goes to a already"])


@pytest.mark.parametrize(
    ("kind", "file", "begins"),
    [
        ("html", "gradcheck-report.html", "<!doctype html>"),
        ("json", "gradcheck-report.json", "{"),
        ("markdown", "gradcheck-report.md", ""),
        ("csv", "gradcheck-report.csv", ""),
    ],
)
def test_every_type_has_a_file_of_its_own(run, pytester, kind, file, begins):
    """Without a name the report stands where pytest was called, and names what is wrong."""
    run(SOURCE, f"--gradcheck-report={kind}").stdout.fnmatch_lines([f"{kind}: written to {file}"])
    text = (pytester.path / file).read_text(encoding="utf-8")
    assert text.lower().startswith(begins)
    assert "test_wrong" in text or kind == "csv"
    assert "13.5" in text


def test_the_ini_file_is_overruled_by_the_command_line(run, pytester, monkeypatch):
    """A report in the ini file lies beside it; `term` alone asks for none."""
    pytester.makeini("[pytest]\ngradcheck_report =\n  json:a.json\n  csv:b.csv\n")
    run(SOURCE, "--gradcheck-report=term").stdout.no_fnmatch_line("*written to*")
    assert not (pytester.path / "a.json").exists()
    (pytester.path / "below").mkdir()
    monkeypatch.chdir(pytester.path / "below")
    result = run(SOURCE, "../test_it.py")
    result.stdout.fnmatch_lines(["json: written to ../a.json", "csv: written to ../b.csv"])
    assert (pytester.path / "a.json").exists()
