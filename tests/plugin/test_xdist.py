"""pytest-xdist: the checks run in its workers, summary and reports are the controller's."""

from __future__ import annotations

import pytest

from gradcheck import Run

SOURCE = """
def test_right(gradcheck): assert gradcheck(cube, X, grad=right).seed == 5
def test_wrong(gradcheck): gradcheck(cube, X, grad=twice)
"""
MANY = """
class TestA:
    @pytest.mark.parametrize("n", range(4))
    def test(self, gradcheck, n): gradcheck(cube, X + n, grad=right)

class TestB:
    @pytest.mark.parametrize("n", range(4))
    def test(self, gradcheck, n): gradcheck(cube, X + n, grad=twice)
"""


def test_rows_tables_and_seeds_cross_the_border(run):
    """A worker that fails sends message, table and row."""
    result = run(SOURCE, "-n2", "--gradcheck-seed=5")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "E *x?1?  claimed 13.5*",
            "E *repeat   gradcheck replay .gradcheck/cases/*.json",
            "*Captured gradcheck report*",
            "WRONG      test_it.py::test_wrong  cube: 1 wrong, 2 correct, worst x?1?",
            "CORRECT    test_it.py::test_right  cube: 3 correct",
        ]
    )


def test_the_reports_are_the_same_for_any_number_of_workers(run, pytester):
    """Whole reports reach the controller, in whatever order, and are written in one."""
    distributions = (("-p", "no:xdist"), ("-n1",), ("-n3", "--dist=worksteal"), ("-n2", "--dist=loadscope"))
    written = []
    for number, options in enumerate(distributions):
        run(MANY, *options, f"--gradcheck-report=json:{number}.json")
        written.append((pytester.path / f"{number}.json").read_text())
    assert len(Run.load(pytester.path / "0.json").checks) == 8
    assert written == [written[0]] * len(distributions)


def test_a_crashed_worker_loses_only_its_own(run, pytester):
    """What others found, and what it found before, stays."""
    source = MANY + "\n    def test_crash(self, gradcheck):\n        import os\n        os._exit(1)\n"
    result = run(source, "-n2", "--gradcheck-report=json:a.json")
    result.stdout.fnmatch_lines(["*worker 'gw?' crashed while running*"])
    assert len(Run.load(pytester.path / "a.json").checks) == 8


@pytest.mark.parametrize("given", ["hmtl", "json:cubes.py/x"])
def test_nonsense_is_refused_once(run, given):
    """By the controller, before a worker starts."""
    result = run(SOURCE, "-n2", f"--gradcheck-report={given}")
    assert result.ret == 4
    assert str(result.stderr).count("ERROR: --gradcheck-report=") == 1


def test_every_worker_has_a_row_where_each_runs_all(run):
    """--dist=each is for different machines: what one found does not hide what the other did."""
    result = run(SOURCE, "--tx=2*popen", "--dist=each", "--gradcheck-seed=5")
    assert sum(line.startswith("WRONG      test_it.py::test_wrong") for line in result.outlines) == 2
