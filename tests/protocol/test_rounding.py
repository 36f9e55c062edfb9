"""What rounding makes of a gradient is no breach of the protocol, and what it does not make is one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from kept_rules import POINT, X, df, f

from gradcheck import Oracle, Verdict, check_gradients
from gradcheck._model.subject import Subject
from gradcheck._protocol.rounding import alike, eps_of, measured_rounding, residue

EPS = 2.0**-52


@pytest.mark.parametrize(("slip", "verdict"), [(0.0, Verdict.CORRECT), (1e-9, Verdict.WRONG)])
def test_what_rounding_leaves_of_a_zero_gradient_need_not_be_linear(slip, verdict):
    """The bias before a mean is subtracted has the gradient zero, but for a sum that cancels."""
    b = np.array([1.0, 2.0, 0.5])

    def vjp(x, b, u):
        dy = u - u.mean(axis=0)
        return dy, dy.sum(axis=0) + slip * np.abs(u).sum(axis=0)

    report = check_gradients(lambda x, b: x + b - (x + b).mean(axis=0), X, b, vjp=vjp)
    assert ("of b does not" in str(report)) == (verdict is Verdict.WRONG)
    assert report.verdict is verdict


def test_a_gradient_that_differs_in_the_last_place_is_not_broken():
    """Threads add in any order."""
    calls = itertools.count()
    report = check_gradients(f, POINT, grad=lambda p: df(p) | {"b": df(p)["b"] * (1 + 1e-15 * (next(calls) % 2))})
    assert report.verdict is Verdict.CORRECT


def known(gradient, point=None):
    """Return a subject with this gradient, and what it claims."""
    point = {"a": np.array([1.0, 2.0]), "b": np.array([4.0])} if point is None else point
    subject = Subject.of(Oracle(point, lambda _: 0.0, gradient), promote=False).settled()
    return subject, subject.claims()


def test_two_calls_are_alike_to_rounding_and_no_further():
    """Of the largest entry, since sums cancel; what has another shape, or is nan, is not alike."""
    one = np.array([1.0, 1e-20])
    assert alike(one, one + np.array([0.0, 60 * EPS]), EPS)
    assert not alike(one, one + np.array([0.0, 70 * EPS]), EPS)
    assert not alike(np.ones(2), np.ones(1), EPS)
    assert not alike(one, np.array([1.0, np.nan]), EPS)
    assert alike(np.array([]), np.array([]), EPS)
    assert not alike(np.array([]), np.ones(1), EPS)
    assert not alike(1e-9 * one, 1e-9 * one + np.array([0.0, 70e-9 * EPS]), EPS)


def test_what_may_be_left_of_zero_is_told_by_what_moves_the_function_elsewhere():
    """In units of the tensor's own step; infinite claims are no size, and in coarse precision there is a bound."""
    claims = {"a": np.array([1.0, np.inf]), "b": np.array([0.0])}
    subject, _ = known(lambda p: claims)
    assert residue(subject, claims, "a", EPS) == 256 * EPS * 1.0
    assert residue(subject, claims, "b", EPS) == 256 * EPS * 1.75 / 4.0
    assert residue(subject, claims, "b", 1.0) == 0.01 * 1.75 / 4.0
    assert residue(subject, {"b": np.array([0.0])}, "b", EPS) == 0.0


def test_the_rounding_of_a_gradient_is_measured_where_its_last_digits_differ():
    """Sixteen times the largest change between such points, after which the point is what it was."""
    jumpy, _ = known(lambda p: p | {"a": p["a"] + 1e-6 * (round((p["a"][0] - 1) / 2.0**-49) % 2)})
    found = measured_rounding(jumpy, "a", lambda _: (jumpy.claims(),))
    assert found == pytest.approx(16e-6, rel=1e-3)
    assert jumpy.leaves["a"].array.tolist() == [1.0, 2.0]
    smooth, _ = known(lambda p: p)
    assert measured_rounding(smooth, "a", lambda _: (smooth.claims(),)) < 1000 * EPS


def test_the_rounding_of_a_dtype():
    """Of the array, whatever is in it."""
    assert eps_of(np.zeros(1)) == EPS
    assert eps_of(np.zeros(1, np.float32)) == 2.0**-23
