"""Tests that are run again, and tests within tests: every check is counted once."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from gradcheck._plugin.row import ROWS
from gradcheck._plugin.session import SESSION

try:
    import pytest_rerunfailures as rerunfailures
except ImportError:
    rerunfailures = None

needs_rerunfailures = pytest.mark.skipif(rerunfailures is None, reason="needs pytest-rerunfailures")

FLAKY = """
attempts = []

def test(gradcheck):
    attempts.append(None)
    gradcheck(cube, X, grad=twice if len(attempts) < 3 else right)
"""


def lines(result):
    """Return the rows of the summary."""
    return [line for line in result.outlines if line.startswith(("WRONG      test_it", "CORRECT    test_it"))]


@needs_rerunfailures
def test_the_last_attempt_counts(run):
    """A test that passes in the end has one row, of one check, that is right."""
    result = run(FLAKY, "--reruns=2")
    result.stdout.fnmatch_lines(["*1 passed, 2 rerun*"])
    assert lines(result) == ["CORRECT    test_it.py::test  cube: 3 correct"]


@needs_rerunfailures
def test_an_attempt_too_few_is_a_failure(run, pytester):
    """And one row, of one check, that is wrong; in the JUnit file each attempt has its properties once."""
    result = run(FLAKY, "--reruns=1", "--junit-xml=junit.xml")
    assert lines(result) == ["WRONG      test_it.py::test  cube: 1 wrong, 2 correct, worst x[1]"]
    for case in ET.parse(pytester.path / "junit.xml").iter("testcase"):
        assert [p.get("value") for p in case.iter("property") if p.get("name") == "gradcheck.verdict"] == ["WRONG"]


@needs_rerunfailures
def test_an_attempt_without_a_check_has_no_row(run):
    """What an earlier one found is forgotten."""
    result = run(
        """
attempts = []

def test(gradcheck):
    attempts.append(None)
    if len(attempts) == 1:
        gradcheck(cube, X, grad=twice)
""",
        "--reruns=1",
    )
    result.stdout.fnmatch_lines(["*1 passed, 1 rerun*"])
    assert lines(result) == []


def has_subtests():
    """Return whether there is a fixture `subtests`: built into pytest 9, a plugin before."""
    try:
        import pytest_subtests  # noqa: F401
    except ImportError:
        return pytest.version_tuple >= (9,)
    return True


@pytest.mark.skipif(not has_subtests(), reason="needs pytest-subtests")
def test_a_subtest_fails_with_its_own_table(run):
    """The other goes on; the row is that of the worst, and counts both."""
    result = run("""
def test(gradcheck, subtests):
    for grad in (twice, right):
        with subtests.test(msg=grad.__name__):
            gradcheck(cube, X, grad=grad)
    with subtests.test(msg="other"):
        assert 1 == 2
""")
    assert str(result.stdout).count("Captured gradcheck report") == 1
    result.stdout.fnmatch_lines(["E *repeat   gradcheck replay .gradcheck/cases/*.json"])
    assert lines(result) == ["WRONG      test_it.py::test  cube: 1 wrong, 2 correct, worst x[1] (2 checks)"]


def test_the_last_failures_are_run_again_alone(run):
    """--lf selects what a wrong gradient has failed, -x stops at it."""
    source = """
def test_a(gradcheck): gradcheck(cube, X, grad=right)
def test_b(gradcheck): gradcheck(cube, X, grad=twice)
def test_c(gradcheck): gradcheck(cube, X, grad=right)
"""
    stopped = run(source, "-x")
    stopped.assert_outcomes(passed=1, failed=1)
    assert len(lines(stopped)) == 2
    again = run(source, "--lf")
    again.assert_outcomes(failed=1)
    assert lines(again) == ["WRONG      test_it.py::test_b  cube: 1 wrong, 2 correct, worst x[1]"]


def test_only_looking_checks_nothing(run):
    """--collect-only shows the tests and no summary."""
    result = run("def test(gradcheck): gradcheck(cube, X, grad=twice)", "--co")
    result.stdout.no_fnmatch_line("*= gradcheck =*")
    assert result.ret == 0


def test_an_attempt_in_another_process_takes_the_place_of_the_first(pytester):
    """A worker that crashed has its test run again by another: still one row, the last."""
    session = pytester.parseconfigure().stash[SESSION]
    for worker, severity in (("gw0", 6), ("gw1", 1)):
        place, row = ("test_it.py", 1, "test"), {"severity": severity}
        told = {"worker_id": worker, ROWS: [row]}
        session.pytest_runtest_logreport(
            pytest.TestReport("test_it.py::test", place, {}, "passed", None, "teardown", **told)
        )
    assert list(session.rows.values()) == [[{"severity": 1}]]
