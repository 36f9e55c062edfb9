"""--gradcheck-report=TYPE[:DEST]: which reports are made of a session, and where they go."""

from __future__ import annotations

import json

import pytest

from gradcheck import Run

SOURCE = """
def test_right(gradcheck): gradcheck(cube, X, grad=right)
def test_wrong(gradcheck):
    gradcheck(cube, X, grad=twice)
"""


def test_a_run_is_written_and_read_again(run, pytester):
    """The file holds every check with its test, its line, and the case that repeats it."""
    run(SOURCE, "--gradcheck-report=json:out/run.json").stdout.fnmatch_lines(["json: written to out/run.json"])
    wrong, right = Run.load(pytester.path / "out" / "run.json").checks
    assert (wrong.test, wrong.file, wrong.line, wrong.times) == ("test_it.py::test_wrong", "test_it.py", 7, 1)
    assert wrong.report.wrong[0].name == "x[1]"
    assert (pytester.path / wrong.case).is_file()
    assert (right.test, right.case) == ("test_it.py::test_right", "")


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


def test_reports_may_be_many(run, pytester):
    """The option can be repeated, and the summary stays."""
    result = run(SOURCE, "--gradcheck-report=json:a.json", "--gradcheck-report=csv:b.csv")
    result.stdout.fnmatch_lines(["WRONG *", "CORRECT *", "json: written to a.json", "csv: written to b.csv"])
    assert (pytester.path / "a.json").exists()
    assert (pytester.path / "b.csv").exists()


def test_markdown_is_appended_to_the_page_of_a_workflow(run, pytester, monkeypatch):
    """GitHub names the file; what stands there stays."""
    page = pytester.path / "summary.md"
    page.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    run(SOURCE, "--gradcheck-report=markdown-append").stdout.fnmatch_lines(["markdown: appended to summary.md"])
    first = page.read_text()
    assert first.startswith("before\n")
    assert "test_wrong" in first
    run(SOURCE, "--gradcheck-report=markdown-append:summary.md")
    assert page.read_text().count("test_wrong") == 2 * first.count("test_wrong")


def test_annotations_name_file_and_line(run):
    """A workflow shows them beside the code."""
    expected = "    with pytest.raises(AssertionError):\n        gradcheck(cube, 2 * X, grad=twice)\n"
    result = run(f"{SOURCE}def test_expected(gradcheck):\n{expected}", "--gradcheck-report=github")
    result.stdout.fnmatch_lines(["::error *file=test_it.py,line=7*x?1?*"])
    assert sum(line.startswith("::error") for line in result.outlines) == 1


def test_all_rows_and_tables_are_shown_if_wanted(run):
    """term-all ends with the table of every check, the right ones too, and leaves out no row."""
    source = '@pytest.mark.parametrize("n", range(12))\ndef test(gradcheck, n): gradcheck(cube, X, grad=right)'
    result = run(source, "--gradcheck-report=term-all")
    assert sum(line.startswith("CORRECT    test_it.py::test[") for line in result.outlines) == 12
    assert sum(line.startswith("3 correct") for line in result.outlines) == 12
    result.stdout.no_fnmatch_line("and * more*")


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


def test_a_session_without_checks_has_an_empty_report(run, pytester):
    """Else that of the last session would stay, and pass for this one's; --collect-only writes nothing."""
    run(SOURCE, "--gradcheck-report=json", "--collect-only")
    assert not (pytester.path / "gradcheck-report.json").exists()
    run("def test(): pass", "--gradcheck-report=json")
    assert json.loads((pytester.path / "gradcheck-report.json").read_text())["checks"] == []


def test_reports_are_written_without_a_terminal(run, pytester):
    """Neither -p no:terminal nor --no-summary changes what was asked for."""
    for options in [("-p", "no:terminal"), ("--no-summary",)]:
        result = run(SOURCE, *options, "--gradcheck-report=json:a.json", "--gradcheck-report=github")
        result.stdout.fnmatch_lines(["json: written to a.json", "::error *"])
        assert len(Run.load(pytester.path / "a.json").checks) == 2


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


def test_a_report_that_fails_at_the_end_is_not_passed_over(run, pytester):
    """The disk is full, the folder gone: the summary says so, and so does the exit code."""
    result = run(
        "def test(gradcheck):\n    gradcheck(cube, X, grad=right)\n    open('late', 'w').close()",
        "--gradcheck-report=json:late/x.json",
    )
    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    result.stdout.fnmatch_lines(["json: could not be written: *"])
