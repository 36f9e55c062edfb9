"""Which reports does a door let pass? What is wrong or broken does not; what could not be decided is warned about."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest

from gradcheck import Oracle, UndecidedWarning, Verdict, check_gradients
from gradcheck._adapters.cotangent import with_cotangent
from gradcheck._judge.tolerance import Slack
from gradcheck.compat import _acceptance

X = np.array([0.5, 2.0])
COUNT = itertools.count()


def check(f, df, x=X):
    return check_gradients(f, x, grad=df, neighbours=0)


def square(x):
    return float(np.sum(x**2))


@pytest.mark.parametrize(
    "report",
    [
        check(square, lambda x: 3 * x),
        check(lambda x: float(np.sum(np.floor(x))), lambda x: np.full(2, np.nan), np.array([1.0, 2.0])),
        check(lambda x: float(np.sum(x) * next(COUNT)), np.ones_like),
    ],
    ids=["wrong", "not finite at a jump", "changing"],
)
def test_what_is_wrong_or_broken_does_not_pass(report):
    """Whether an entry says so, or the protocol."""
    assert _acceptance.fails(report)


def test_what_is_right_passes_without_a_word():
    """And so does a kink."""
    for report in (check(square, lambda x: 2 * x), check(lambda x: float(np.sum(np.abs(x))), np.sign, 0 * X)):
        assert not _acceptance.fails(report)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            _acceptance.warn(report)


def test_what_has_no_slope_passes_with_a_warning():
    """It says how many entries, and of what."""
    report = check(lambda x: float(np.sum(np.floor(x))), np.zeros_like, np.array([1.0, 2.5]))
    assert report.counts[Verdict.BROKEN] == 1
    assert not _acceptance.fails(report)
    with pytest.warns(UndecidedWarning, match=r"^of 2 entries of .* at 1 the function is not continuous$"):
        _acceptance.warn(report)


def test_a_door_looks_at_the_given_point_alone():
    """At every entry, and allows what its caller does."""
    asked = _acceptance.options(Slack(0.1, 0.2))
    assert (asked.neighbours, asked.progress, asked.slack) == (0, False, Slack(0.1, 0.2))


def trembling(*steps):
    """Return the oracle of a sum of squares, the gradient of which is off by a step at each call."""
    off = iter(steps)
    return Oracle({"x": X}, square, lambda p: {"x": 2 * p["x"] + next(off)}, pullback=lambda p, u: p)


def test_a_gradient_that_trembles_by_more_is_not_steady():
    """Than is allowed; by less it is the first, at the same point."""
    point = {"x": X}
    steady = _acceptance.steady(trembling(0, 0.01, 0.2, 0.21), 0.1)
    found = [steady.gradient(point)["x"][0] for _ in range(4)]
    assert np.allclose(found, [1, 1, 1.2, 1.2])
    assert steady.pullback is None
    elsewhere = _acceptance.steady(trembling(0, 0.01), 0.1)
    elsewhere.gradient(point)
    assert elsewhere.gradient({"x": 0 * X})["x"][0] == 0.01


def test_without_a_tolerance_the_oracle_is_as_it_was():
    """And what it gave is not changed by who got it."""
    oracle = trembling(0)
    assert _acceptance.steady(oracle, 0.0) is oracle
    steady = _acceptance.steady(trembling(0, 0), 0.1)
    steady.gradient({"x": X})["x"][...] += 0.05
    assert steady.gradient({"x": X})["x"].tolist() == [1, 4]


def test_forward_mode_by_itself_is_asked_for_nothing_else():
    """Its columns are the claim: no pullback, nothing to examine, no parts."""
    made = with_cotangent(
        forward=np.sin,
        pullback=lambda x, u: 0 * u,
        push=lambda x, v: np.cos(x) * v[""],
        seed=0,
        point=X,
        name="f",
        examine=lambda *_: [],
    )
    alone = _acceptance.forward_mode_alone(made)
    assert np.allclose(alone.gradient(X), made.cotangent * np.cos(X))
    assert (alone.pullback, alone.examine, alone.parts) == (None, None, None)
