"""Hypothesis: the fixture works under @given, and the smallest example is what is reported."""

from __future__ import annotations

from gradcheck import Run


def test_a_property_is_minimised_to_the_smallest_example(run, pytester):
    """A gradient wrong only for large inputs is shown at the edge where it turns wrong."""
    result = run(
        """
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

def sometimes(x):
    return 3 * x**2 if abs(x[0]) < 10 else 4 * x**2

@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.integers(1, 1000))
def test(gradcheck, n):
    gradcheck(cube, np.array([float(n)]), grad=sometimes)
""",
        "--gradcheck-report=json",
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*n=10,*",
            "*Captured gradcheck report*",
            "x?0? *400*300 ±*",
            "WRONG *test_it.py::test *checks)",
        ]
    )
    assert str(result.stdout).count("Captured gradcheck report") == 1
    (check,) = Run.load(pytester.path / "gradcheck-report.json").checks
    assert check.report.wrong[0].claim == 400
    assert (pytester.path / check.case).exists()
