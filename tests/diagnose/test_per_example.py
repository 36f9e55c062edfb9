"""Is the residual named that each example pulled with, and the one that is meant?"""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from losses import LOSSES
from suspects import met, same_in_any_unit, spoilt, suspect

from gradcheck import Verdict, check_gradients
from gradcheck._diagnose import per_example
from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.conclusion import NOT_RECOGNISED
from gradcheck._diagnose.dense_layers import Scores, Way
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


@pytest.mark.parametrize(
    ("words", "enclosed"),
    [
        ("(z - y)", True), ("sign(z - y)", True), ("((a) - (b))", True), ("(a) (b)", False), ("(a) b", False),
        ("z", False), ("sw (z - y)", False), ("-y", False), ("f(a)(b)", False),
    ],
)  # fmt: skip
def test_what_stands_in_brackets_needs_no_more_of_them(words, enclosed):
    """If the first closes at the end."""
    assert per_example._is_enclosed(words) is enclosed
    assert pull(words).words == (words if enclosed else f"({words})")
    assert pull(words, weight="a").words == f"(a {words})"


def test_of_residuals_that_are_alike_the_first_is_kept():
    """To nine digits."""
    row = np.array([0.3, -1.2, 0.7, 2.0])
    rows = np.stack([row, row * (1 + 1e-12), -row, row + np.array([0, 0, 0, 1e-7]), row])
    assert per_example._first(rows) == [0, 2, 3]


def test_six_entries_are_compared_first():
    """Those that are given, and the largest."""
    estimate = np.array([[0.5, -9.0, 3.0, 0.1], [7.0, -2.0, 0.2, 8.0]])
    assert per_example._telling(estimate, []) == [1, 7, 4, 2, 5, 0]
    assert per_example._telling(estimate, [3, 7]) == [3, 7, 1, 4, 2, 5]
    assert per_example._telling(estimate[:, :2], [3]) == [3, 1, 2, 0]


def test_what_stands_across_a_weight_holds_nothing_of_its_decay():
    """Of three entries or more; else all of it is looked at."""
    weight = np.array([3.0, 0.0, -4.0, 1.0])
    across = per_example._across(weight, decayed=True)
    np.testing.assert_allclose(across @ weight, 0, atol=1e-12)
    np.testing.assert_allclose(across @ across.T, np.eye(3), atol=1e-12)
    assert per_example._across(weight[:3], decayed=True).shape == (2, 3)
    for few, decayed in ((weight[:2], True), (weight, False)):
        np.testing.assert_array_equal(per_example._across(few, decayed=decayed), np.eye(len(few)))


@pytest.mark.parametrize(
    ("wrong", "right", "few"), [(2, 3, True), (3, 9, False), (2, 2, False), (0, 3, True), (1, 0, False)]
)
def test_two_wrong_entries_beside_three_right_ones_are_few(wrong, right, few):
    """No residual reaches two entries alone."""
    place = np.arange(12)
    evidence = replace(suspect(np.zeros(12), np.ones(12)), wrong=place < wrong, right=place >= 12 - right)
    assert per_example._in_few(evidence) is few


PULLED, WEIGHED = np.array([[1.0], [-2.0], [0.5]]), np.array([0.4, -0.3, 1.2])
OF_INPUT = Scores(PULLED, {"W": Way(None, np.ones((3, 1)), np.eye(1), (3,))}, "z = W")


@pytest.mark.parametrize("slack", [0.0, 0.01])
@pytest.mark.parametrize(("off", "found"), [(0.9, True), (1.1, False)])
def test_weight_decay_is_what_is_left_of_a_pull(slack, off, found):
    """As much of the weight as fits; to a millionth of the largest slope, and what is not known of it."""
    right = PULLED.ravel() + 0.25 * WEIGHED
    across = np.array([0.3, 0.4, 0.0]) / 0.4  # of which nothing is a multiple of the weight
    right = right + off * (slack + 1e-6 * np.abs(right).max()) * across
    evidence = suspect(2 * right, right, values={"W": WEIGHED}, estimates={"W": right, "other": right})
    evidence = replace(evidence, slack=np.full(3, slack))
    rate = per_example._decay(evidence, OF_INPUT, replace(pull(), residual=LossResidual("z", PULLED)), decayed=True)
    assert rate == (pytest.approx(0.25, abs=1e-12) if found else None)
    none = per_example._decay(evidence, OF_INPUT, replace(pull(), residual=LossResidual("z", PULLED)), decayed=False)
    assert none is None


def test_a_pull_without_decay_leaves_nothing():
    """Nor has a weight of zeros any."""
    right = PULLED.ravel()
    of = replace(pull(), residual=LossResidual("z", PULLED))
    for weight, decayed in ((WEIGHED, False), (0 * WEIGHED, True)):
        evidence = suspect(2 * right, right, values={"W": weight}, estimates={"W": right})
        assert per_example._decay(evidence, OF_INPUT, of, decayed=decayed) == 0.0


def sought(made, measured, claimed):
    """Return what is sought of a few entries, of one weight and two residuals."""
    residuals = [LossResidual("a", np.ones(1)), LossResidual("b", np.ones(1))]
    made, measured = np.asarray(made, dtype=float), np.asarray(measured, dtype=float)
    return per_example._Sought([Weight("w", np.ones(1))], residuals, made, measured, np.asarray(claimed, dtype=float))


MADE = [[[1.0, 2.0], [-2.0, 1.0], [4.0, 0.5], [0.0, 3.0]]]  # (weights, entries, residuals)


@pytest.mark.parametrize(("off", "found"), [(0.9e-5, True), (1.2e-5, False)])
def test_a_pull_makes_a_few_entries_to_a_hundred_thousandth(off, found):
    """Of the largest of them, times any number."""
    measured = 3.0 * np.array([1.0, -2.0, 4.0, 0.0]) + [0, 0, 0, off * 12]
    known = list(sought(MADE, measured, measured[:3]).of_measured())
    assert [(p.residual.words, p.constant) for p in known] == ([("a", pytest.approx(3.0))] if found else [])
    claim = 3.0 * np.array([2.0, 1.0, 0.5]) + [0, 0, off * 6.0]
    same = list(sought(MADE, measured, claim).of_claim(3.0))
    assert [(p.residual.words, p.constant) for p in same] == ([("b", 3.0)] if found else [])
    other = list(sought(MADE, measured, claim).of_claim(1.0))
    assert [(p.residual.words, p.constant) for p in other] == ([("b", pytest.approx(3.0, rel=1e-4))] if found else [])
    assert list(sought(MADE, measured, claim[:2]).of_claim(1.0)) == []
    assert len(list(sought(MADE, measured, claim[:2]).of_claim(3.0))) == 1
    assert list(sought(np.zeros((1, 4, 2)), measured, claim).of_measured()) == []


@pytest.mark.parametrize(("scores", "read"), [(20_000, True), (20_001, False)])
def test_of_so_many_scores_residuals_are_computed(monkeypatch, scores, read):
    """A thousand of each."""
    seen = []
    monkeypatch.setattr(per_example, "scores_of", lambda _: [SimpleNamespace(z=np.zeros(scores))])
    monkeypatch.setattr(per_example, "_of_scores", lambda *_: seen.append("read"))
    assert otherwise(evidence()) is None
    assert seen == ["read"] * read


@pytest.mark.parametrize("limit", ["MEANT", "OPERATIONS"])
def test_what_takes_long_is_not_read(monkeypatch, limit):
    """No reading of the measured gradient is followed, or none is made."""
    monkeypatch.setattr(per_example, limit, 0)
    assert otherwise(evidence()) is None


def test_how_long_a_reading_takes_grows_with_all_that_it_is_made_of(monkeypatch):
    """Every weight with every residual, of every number that is summed in each entry."""
    found = evidence()
    (scores, *_) = per_example.scores_of(found)
    made = per_example._sought(found, scores, [], decayed=False).made
    products = made.size * scores.z.size
    assert min(made.shape) > 1
    for most, read in ((products, True), (products - 1, False)):
        monkeypatch.setattr(per_example, "OPERATIONS", most)
        assert (per_example._sought(found, scores, [], decayed=False) is not None) is read
