"""A claim in the user's own precision is that in double, but for its rounding."""

from __future__ import annotations

import numpy as np
import pytest
from kept_rules import X, only

from gradcheck import Oracle, Verdict, check_gradients
from gradcheck._model.subject import Subject
from gradcheck._protocol import low_precision


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


def test_what_rounding_of_the_point_makes_of_a_gradient_is_no_mistake():
    """A sine that swings fast is off by more than sums leave, and by as much between points a last digit apart."""
    x = np.array([0.3, 0.7, 1.1], np.float32)
    fast = np.float32(5e5)
    off = np.abs(np.cos(fast * x) - np.cos(np.float64(fast) * x))
    assert off.max() > 0.01
    report = check_gradients(lambda x: np.sum(np.sin(fast * x) / fast), x, grad=lambda x: np.cos(fast * x))
    assert report.verdict is Verdict.CORRECT
    assert report.problems == ()


def test_by_how_much_it_is_off_is_told_in_parts_of_the_largest_entry():
    """Of gradients 2 and 8, in single precision a quarter more: 2, and a quarter of 8."""
    x = np.array([1.0, 4.0], np.float32)
    report = check_gradients(lambda x: np.sum(x**2), x, grad=lambda x: x * (2.0 + 0.5 * (x.dtype == np.float32)))
    assert "is off by 2, 0.2 of its largest entry" in only(report).sentence


@pytest.mark.parametrize(("moves", "lost"), [(15, True), (17, False)])
def test_what_is_lost_moves_f_by_less_than_sixteen_of_its_last_digits(moves, lost):
    """Of a value of 4: sixteen times four times the relative rounding, over the step of the entry."""
    value, eps = 4.0, 2.0**-23
    oracle = Oracle({"x": np.array([2.0, 2.0])}, lambda _: value, lambda p: p)
    subject = Subject.of(oracle, promote=False).settled()
    claim = np.array([1.0, -1.0]) * moves * eps * value / 2.0
    assert low_precision._lost(subject, "x", claim, np.array([0.0, 0.0]), eps).tolist() == [lost, lost]


@pytest.mark.parametrize(("roundings", "problems"), [(14, []), (18, [Verdict.WRONG])])
def test_what_differs_must_show_in_the_value_in_single_precision(roundings, problems):
    """Where a softmax is saturated most of its gradient is lost, and nothing of the value: sixteen roundings."""
    x, lost = np.ones(2, np.float32), roundings * 2.0**-23

    def saturated(x):
        return (2 - (x.dtype == np.float32)) * lost * np.ones_like(x)

    report = check_gradients(lambda x: 1.0 + 2 * lost * np.sum(x - x.dtype.type(1)), x, grad=saturated)
    assert [problem.verdict for problem in report.problems] == problems
    assert report.wrong == ()


@pytest.mark.parametrize(("tie", "problems"), [(0.0, []), (1.0, [Verdict.WRONG])])
def test_at_a_kink_another_slope_may_be_taken_in_single_precision(tie, problems):
    """Of two that tie in double one is larger in single, and takes all of it; where none do, it is the same."""
    x = np.array([1.0, 1.0 + tie, 3.0], np.float32)

    def either(x):
        first = 1.0 if x.dtype == np.float64 else 0.0
        return np.array([1 - first, first, 0], x.dtype) if tie else np.array([first, 1 - first, 0], x.dtype)

    report = check_gradients(lambda x: np.max(x[:2]), x, grad=either, neighbours=0)
    assert report.wrong == ()
    assert [problem.verdict for problem in report.problems] == problems


@pytest.mark.parametrize(("moves", "own", "lost"), [(0.9, 0.0, True), (1.1, 0.0, False), (0.9, 1e-3, False)])
def test_in_half_precision_what_is_zero_may_move_f_by_one_of_its_last_digits(moves, own, lost):
    """What is not zero there was not lost: sixteen roundings of three digits would be any mistake."""
    value, eps = 4.0, 2.0**-10
    oracle = Oracle({"x": np.array([2.0, 2.0])}, lambda _: value, lambda p: p)
    subject = Subject.of(oracle, promote=False).settled()
    claim = own + np.array([1.0, -1.0]) * moves * eps * value / 2.0
    assert low_precision._lost(subject, "x", claim, np.full(2, own), eps).tolist() == [lost, lost]
