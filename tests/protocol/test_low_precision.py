"""A claim in the user's own precision is that in double, but for its rounding."""

from __future__ import annotations

import numpy as np
import pytest
from kept_rules import X, only

from gradcheck import Verdict, check_gradients


def test_a_formula_that_cancels_in_single_precision_is_wrong():
    """In float64 it is right; in float32, where it will be used, the difference of two large numbers."""
    x = np.array([1.0, 2.0, 3.0], np.float32)

    def cancels(x):
        large = x.dtype.type(1e7)
        return 2 * ((x + large) - large)

    report = check_gradients(lambda x: np.sum(x**2), x + np.float32(0.123), grad=cancels)
    assert "in float32 the gradient of x is off by" in only(report).sentence
    assert only(report).verdict is Verdict.WRONG
    assert report.wrong == ()


def test_a_formula_that_rounds_as_it_must_is_right():
    """The rounding of single precision is no mistake."""
    x = np.linspace(0.1, 3, 20, dtype=np.float32)
    report = check_gradients(lambda x: np.sum(np.sin(x)), x, grad=np.cos)
    assert report.verdict is Verdict.CORRECT
    assert report.problems == ()


def test_a_gradient_that_fails_in_single_precision_is_broken():
    """Though it does not in double."""

    def double_only(x):
        if x.dtype != np.float64:
            msg = "float64 please"
            raise TypeError(msg)
        return 2 * x

    report = check_gradients(lambda x: np.sum(x**2), X.astype(np.float32), grad=double_only)
    assert "in float32 the gradient function raised TypeError: float64 please" in only(report).sentence


@pytest.mark.parametrize(("size", "problems"), [(1.0, [Verdict.WRONG]), (1e-6, [])])
def test_what_is_zero_in_single_precision_must_be_too_little_to_see_there(size, problems):
    """The derivative of a guard beneath a root is gone with the guard; a slope that moves f is not gone so."""
    x = np.array([0.5, 0.7], np.float32)

    def gone(x):
        g = 1 / (1 + x) ** 2
        return size**2 * (g if x.dtype == np.float64 else 0 * g)

    report = check_gradients(lambda x: 2.0 + size**2 * np.sum(x / (1 + x)), x, grad=gone)
    assert [problem.verdict for problem in report.problems] == problems
    assert report.wrong == ()


@pytest.mark.parametrize(("off", "problems"), [(0.0073, []), (0.0083, [Verdict.WRONG])])
def test_sums_inside_of_a_backward_may_leave_many_roundings(off, problems):
    """65,536 of single precision, which are 0.0078: so much may be lost of a sum of as many terms."""

    def rounds(x):
        return 2 * x * x.dtype.type(1 + off * (x.dtype == np.float32))

    report = check_gradients(lambda x: np.sum(x**2), np.ones(3, np.float32), grad=rounds)
    assert [problem.verdict for problem in report.problems] == problems
