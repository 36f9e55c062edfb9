"""A tensor under test knows its noise, the scale of its entries, and what rounding makes of its claims."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tested import under_test

from gradcheck import Verdict, check_gradients
from gradcheck._entries.under_test import UnderTest
from gradcheck._judge.tolerance import Standard
from gradcheck._results.estimate import Estimate

X = np.array([1.0, -2.0, 4.0])


def total(x):
    return float(x.sum())


def known(value):
    return Estimate(value, 1e-12, value, value, scale=abs(value))


def test_a_claim_is_held_against_an_estimate_of_its_own_entry():
    """Wrong, right, and not to be judged."""
    tested = under_test(total, np.array([2.0, 1.0, 1.0]), X)
    assert [tested.judge(k, known(1.0)) for k in range(3)] == [Verdict.WRONG, Verdict.CORRECT, Verdict.CORRECT]
    assert tested.judge(1, Estimate(1.5, 1e-12, 1.0, 2.0, kink=True)) is Verdict.KINK


@pytest.mark.parametrize(("sigma", "quiet"), [(1e-7, False), (0.0, True)])
def test_noise_is_measured_through_the_whole_tensor(sigma, quiet):
    """A function that is rounded alone is quiet; one that scatters is not, and its noise is known."""

    def f(x):
        return total(x) + sigma * float(np.random.default_rng([1, *x.tobytes()]).standard_normal())

    tested = under_test(f, np.ones(3), X)
    assert tested.quiet is quiet
    assert sigma / 10 <= tested.sigma <= 10 * sigma + 1e-14
    assert under_test(f, np.ones(3), X, sigma=0.5).sigma == 0.5


def test_a_ladder_goes_along_one_entry():
    """In steps of its own scale, with the noise along it, or that which is given."""
    tested = under_test(lambda x: total(x * np.array([1.0, 10.0, 100.0])), np.ones(3), X)
    ladder = tested.ladder(2)
    assert ladder.line(0.5) == (0.5, 50.0)
    assert (ladder.scale, tested.ladder(0).scale) == (4.0, 2.0)
    assert tested.ladder(0, 0.25).sigma == 0.25
    assert 0 < ladder.sigma < 1e-12


def test_an_entry_of_another_order_of_magnitude_is_stretched():
    """A large claim of a tiny entry moves f little: the others are held to what they move, not to its size."""
    tested = under_test(total, np.array([1.0, 1.0, 1e12]), np.array([1.0, 1.0, 1e-12]))
    assert tested.stretch[0] > 1e6
    assert (under_test(total, np.ones(3), X).stretch == 1).all()
    assert (under_test(total, np.zeros(3), X).stretch == 1).all()


def test_the_rounding_of_a_claim_is_what_changes_between_points_that_are_alike():
    """Eight times its median change; a gradient of constants has none, and one neighbour beyond a kink is none."""

    def jittery(x):
        return np.array([1.0, 1.0, 1.0 + 1e-9 * (round((x[0] - 1) / 2.0**-49) % 2)])

    tested = under_test(total, jittery, X)
    assert [tested.residue(k) for k in (0, 1)] == [0.0, 0.0]
    assert tested.residue(2) == pytest.approx(8e-9, rel=1e-6)
    beyond = under_test(total, lambda x: np.where(np.arange(3) == 0, x[0] > 1 + 2.0**-50, 1.0) * 1.0, X)
    assert beyond.residue(0) == 0.0


def test_a_claim_that_is_not_finite_has_a_residue_that_is():
    """Else it would excuse itself."""
    tested = under_test(total, lambda x: np.array([math.nan, 1.0, 1.0]) * (1 + 0 * x), X)
    assert math.isfinite(tested.residue(0))


def test_what_rounding_leaves_of_zero_is_hollow_and_a_small_gradient_is_not():
    """The one changes by its own size where the point differs in its last digits, the other hardly at all."""

    def verdict(small):
        def gradient(p):
            return {"A": 1e16 * np.cos(p["A"]), "B": small(p["B"])}

        point = {"A": np.array([0.3, -1.1]), "B": np.array([0.7, 1.9])}
        return check_gradients(lambda p: 1e16 * np.sum(np.sin(p["A"])), point, grad=gradient).tensors["B"].verdict

    assert verdict(lambda b: (b + 0.1) - b - 0.1) is Verdict.CORRECT
    assert verdict(np.cos) is Verdict.UNTESTED


def test_what_the_last_digits_of_f_hide_of_an_entry_of_another_order_is_not_tested():
    """Neither at the given point nor at its neighbours, which a wrong claim would pass as well."""

    def entropy(p):
        return np.sum(p * np.log(p))

    p = np.array([1e-12, 1.0, 1e-5, 3e4])
    for factor in (1.0, 2.0):
        grad = np.where(np.arange(4) == 0, factor, 1.0)
        report = check_gradients(entropy, p, grad=lambda p, by=grad: by * (np.log(p) + 1))
        assert [Verdict(c) for c in report.tensors["p"].codes] == [Verdict.UNTESTED, *[Verdict.CORRECT] * 3]


@pytest.mark.parametrize(("sigma", "another"), [(1e-16, False), (1e-9, True)])
def test_noise_along_all_tensors_is_measured_along_one_where_there_is_doubt(sigma, another):
    """Once; it is said whether it is another than was thought."""
    subject = under_test(lambda x: float(np.sin(x).sum()) + 10, np.cos(X), X).subject
    tested = UnderTest.of(subject, "x", np.cos(X), Standard(), np.random.default_rng(0), sigma=sigma, shared=True)
    thought = tested.sigma
    before = subject.evaluations
    told = tested.listen()
    assert subject.evaluations > before
    if another:
        assert told
        assert tested.sigma < thought / 2
    before = subject.evaluations
    assert not tested.listen()
    assert subject.evaluations == before
