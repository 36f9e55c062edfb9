"""Does a run leave out what passed in another on the same commit, and nothing else?"""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = """
import pytest

def test_right(): pass

def test_wrong(): assert False

def test_nowhere(): pytest.skip("needs what is not installed")

@pytest.mark.parametrize("n", [1, 2])
def test_of(n): pass
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_what_passed_is_left_out(pytester, workers):
    """What failed, was skipped, or is new is run."""
    pytester.makeconftest((Path(__file__).parent / "conftest.py").read_text(encoding="utf-8"))
    pytester.makepyfile(test_it=TESTS)
    arguments = ("--passed", "passed.txt", *workers)
    pytester.runpytest_subprocess(*arguments).assert_outcomes(passed=3, failed=1, skipped=1)
    pytester.makepyfile(test_more="def test_new(): pass")
    again = pytester.runpytest_subprocess(*arguments)
    again.assert_outcomes(passed=1, failed=1, skipped=1, deselected=0 if workers else 3)
    assert sorted((pytester.path / "passed.txt").read_text().split()) == [
        "test_it.py::test_of[1]",
        "test_it.py::test_of[2]",
        "test_it.py::test_right",
        "test_more.py::test_new",
    ]
    pytester.runpytest_subprocess(*workers).assert_outcomes(passed=4, failed=1, skipped=1)


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_the_tests_of_rooms_alone_measure_coverage(pytester, workers):
    """What only the others run counts as run by none."""
    pytester.makeconftest((Path(__file__).parent / "conftest.py").read_text(encoding="utf-8"))
    pytester.makepyfile(measured="def one():\n    return 1\n\n\ndef two():\n    return 2\n")
    pytester.makepyfile(test_whole="from measured import one\n\ndef test_whole(): assert one() == 1")
    pytester.makepyfile(**{"room/test_room": "from measured import two\n\ndef test_room(): assert two() == 2"})
    ran = pytester.runpytest_subprocess("--cov=measured", "--cov-report=term-missing", "-o", "pythonpath=.", *workers)
    ran.assert_outcomes(passed=2)
    ran.stdout.fnmatch_lines(["measured.py * 75% * 2"])
