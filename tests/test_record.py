"""The records of checks: what counts as another answer, and that each room's is of the cases that there are."""

from __future__ import annotations

import json
import runpy

import numpy as np
import pytest
from record import HERE, differences, kept, said

from gradcheck import check_gradients


@pytest.mark.parametrize(
    ("new", "old", "same"),
    [
        ("known to 1.02e-9", "known to 1e-9", True),
        ("known to 1.2e-9", "known to 1e-9", False),
        ("CORRECT: 100 evaluations", "CORRECT: 101 evaluations", False),
        ("CORRECT", "WRONG", False),
        ("wrong in W[3]", "wrong in W[4]", False),
        ("-1.5 times", "1.5 times", False),
    ],
)
def test_two_digits_of_a_number_may_differ_but_no_evaluation_and_no_place(new, old, same):
    """What sums over many numbers leave differs from machine to machine; what is said does not."""
    assert (differences([new], [old]) == []) is same


def test_a_line_more_or_less_is_named():
    """Whichever of the two it is."""
    assert differences(["a", "b"], ["a"]) == ["b"]
    assert differences(["a"], ["a", "b"]) == ["no longer: b"]


def test_a_report_is_told_in_lines():
    """Its verdict and cost, its tensors, and its sentences."""
    report = check_gradients(lambda x: float(np.sum(x * x)), np.ones(3), grad=lambda x: 3 * x)
    first, tensor, *sentences = said(report)
    assert first == f"WRONG: {report.evaluations} evaluations, {report.gradients} gradients"
    assert tensor.startswith("x: 3 WRONG; known to ")
    assert sentences == [f"cause: {report.diagnosis[0]}"]


@pytest.mark.parametrize("test", sorted(HERE.glob("*/test_record_of_checks.py")), ids=lambda path: path.parent.name)
def test_the_record_is_of_the_cases_that_there_are(test):
    """No more and no fewer."""
    assert list(kept(test)) == list(runpy.run_path(str(test))["CASES"])
    assert json.dumps(kept(test), indent=1, ensure_ascii=False) + "\n" == test.with_name("record.json").read_text(
        encoding="utf-8"
    )
