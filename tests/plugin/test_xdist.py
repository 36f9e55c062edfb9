"""pytest-xdist: the checks run in its workers, the summary is printed by its controller."""

from __future__ import annotations


def test_rows_tables_and_seeds_cross_the_border(run):
    """A worker that fails sends message, table and row."""
    result = run(
        """
def test_right(gradcheck): assert gradcheck(cube, X, grad=right).seed == 5
def test_wrong(gradcheck): gradcheck(cube, X, grad=twice)
""",
        "-n2",
        "--gradcheck-seed=5",
        subprocess=True,
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "E *x?1?  claimed 13.5*",
            "*Captured gradcheck report*",
            "WRONG      test_it.py::test_wrong  cube: 1 wrong, 2 correct, worst x?1?",
            "CORRECT    test_it.py::test_right  cube: 3 correct",
        ]
    )
