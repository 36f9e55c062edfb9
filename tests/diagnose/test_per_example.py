"""Is the residual named that each example pulled with, and the one that is meant?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from losses import LOSSES
from suspects import met, same_in_any_unit, spoilt

from gradcheck import Verdict, check_gradients
from gradcheck._diagnose import per_example
from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.conclusion import NOT_RECOGNISED
from gradcheck._diagnose.per_example import WeightedResidual, otherwise
from gradcheck._diagnose.residual import LossResidual, Weight

RNG = np.random.default_rng(2)


@pytest.mark.parametrize("name", LOSSES)
def test_what_was_taken_and_what_is_meant_are_named(name):
    """Nothing is said where either is not known."""
    case = LOSSES[name]
    report = check_gradients(case.f, case.point, grad=case.wrong)
    assert report.verdict is Verdict.WRONG
    assert (case.words or NOT_RECOGNISED) in report.diagnosis[0]


@pytest.mark.parametrize("name", LOSSES)
def test_the_right_gradient_passes(name):
    """Of each of these losses."""
    case = LOSSES[name]
    assert check_gradients(case.f, case.point, grad=case.right).verdict in (Verdict.CORRECT, Verdict.KINK)


def evidence(name="weights of examples forgotten"):
    case = LOSSES[name]
    return next(iter(met(case.f, case.point, grad=case.wrong)))


def test_a_claim_that_is_nearly_so_is_left_to_others():
    """By some per mille; or a part of the measurement is not known."""
    found = evidence()
    assert otherwise(found).kind is Slip.PER_EXAMPLE
    assert otherwise(spoilt(found)) is None
    assert same_in_any_unit(otherwise, found)
    sure = replace(found, slack=0 * found.slack)
    assert otherwise(sure).kind is Slip.PER_EXAMPLE
    assert same_in_any_unit(otherwise, sure)
    estimate = np.where(np.arange(4) == 1, np.nan, found.estimate)
    assert otherwise(replace(found, estimate=estimate)) is None


def test_a_multiple_is_a_factor():
    """A plainer thing to be wrong."""
    found = evidence()
    assert otherwise(replace(found, claim=0.37 * found.estimate)) is None


def test_of_two_examples_everything_is_made():
    """Any claim is X.T times something then."""
    X, y, sw = RNG.normal(size=(2, 5)), RNG.normal(size=2), RNG.uniform(1, 2, 2)
    (found,) = met(lambda w: np.sum(sw * (X @ w - y) ** 2), RNG.normal(size=5), grad=lambda w: 2 * X.T @ (X @ w - y))
    assert otherwise(found) is None


def test_one_wrong_entry_of_many_is_no_pull(monkeypatch):
    """What each example pulls with reaches a whole column: not one residual is computed."""
    found = evidence()
    one = np.arange(found.claim.size) == 1
    monkeypatch.setattr("gradcheck._diagnose.per_example.residuals", lambda *_: pytest.fail("asked"))
    assert otherwise(replace(found, wrong=one, right=~one)) is None


def test_small_whole_numbers_agree_by_chance():
    """Of those nothing is said, though a weight may be left out."""
    X = np.random.default_rng(3).integers(-1, 2, size=(6, 3)).astype(float)
    y, sw = np.array([1.0, 0, 1, 0, 0, 1]), np.array([1.0, 2, 3, 1, 2, 1])
    report = check_gradients(
        lambda w: np.sum(sw * (X @ w - y) ** 2), np.array([1.0, 2, -1]), grad=lambda w: 2 * X.T @ (X @ w - y)
    )
    assert "left out" not in report.diagnosis[0]


def test_the_smoothing_of_labels_is_named():
    """With the number that the function sees."""
    X, labels, eps = RNG.normal(size=(9, 3)), RNG.integers(0, 4, 9), 0.1

    def shares(W):
        return np.exp(X @ W) / np.exp(X @ W).sum(axis=1, keepdims=True)

    def smoothed(share):
        return np.eye(4)[labels] * (1 - share) + share / 4

    (found,) = met(
        lambda W: -np.sum(smoothed(eps) * np.log(shares(W))),
        RNG.normal(size=(3, 4)),
        grad=lambda W: X.T @ (shares(W) - smoothed(0)),
    )
    meant = "where X.T (softmax(z) - smoothed(onehot(labels), eps)) is meant"
    assert meant in otherwise(found).sentence


def pull(words="(z - y)", link="", power=0, weight="", constant=1.0):
    return WeightedResidual(Weight(weight, np.ones(1)), LossResidual(words, np.ones(1), link, power), constant)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        (pull(), pull(), (0, False)),
        (pull(), pull(constant=2.0), (0, True)),
        (pull(), pull(weight="sw"), (1, False)),
        (pull("(tanh(z) - y)", "tanh"), pull("(tanh(z) - y) tanh'(z)", "tanh"), (1, False)),
        (pull("z tanh'(z)", "tanh"), pull("z", "tanh"), (1, False)),
        (pull("z", "tanh"), pull("z'", "tanh"), (2, False)),
        (pull("z a", "tanh"), pull("z b", "exp"), (2, False)),
        (pull("z a", "tanh"), pull("y a", "tanh", weight="sw"), (3, False)),
    ],
)
def test_pulls_that_differ_in_fewer_ways_come_first(one, other, apart):
    """In the weight, in the residual, or in how often a derivative is multiplied in alone; last by a constant."""
    assert per_example._apart(one, other) == apart
    assert per_example._apart(other, one) == apart


@pytest.mark.parametrize(
    ("taken", "meant", "end"),
    [
        (pull(), pull(weight="sw"), "sw is left out"),
        (pull(weight="sw"), pull(), "sw is multiplied in once too often"),
        (pull(weight="a"), pull(weight="b"), "a where b is meant"),
        (pull("p", "tanh", 0), pull("q", "tanh", 1), "the derivative of tanh is left out"),
        (pull("p", "tanh", 2), pull("q", "tanh", 1), "the derivative of tanh is multiplied in once too often"),
        (pull("p", "tanh", 1), pull("q", "tanh", 1), ""),
        (pull("p", "tanh", 0), pull("q", "exp", 1), ""),
        (pull("p", "tanh", 0, "sw"), pull("q", "tanh", 1), ""),
    ],
)
def test_one_thing_that_differs_is_told_in_a_word(taken, meant, end):
    """More than one is not."""
    assert per_example._end(taken, meant) == end
