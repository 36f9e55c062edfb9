"""What rounding makes of a gradient is no breach of the protocol, and what it does not make is one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from kept_rules import POINT, X, df, f

from gradcheck import Verdict, check_gradients


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
