"""Is weight decay named that is wrong in one entry, and no other number taken for it?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import E, changed, suspect

from gradcheck import Verdict, check_gradients
from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.part_of_decay import decay_in_part

RNG = np.random.default_rng(1)
X, Y = np.c_[np.ones(9), RNG.normal(size=(9, 3))], RNG.normal(size=9)
W = RNG.normal(size=(5, 5))


@pytest.mark.parametrize(("taken", "meant", "words"), [(1, 0, "too much"), (0, 1, "missing")])
def test_a_bias_that_is_decayed_and_one_that_is_not(taken, meant, words):
    """In a mean over the examples."""
    lam = 0.3

    def kept(bias):
        return np.array([bias, 1, 1, 1])

    def cost(w):
        return (np.sum((X @ w - Y) ** 2) + lam * np.sum(kept(meant) * w**2)) / (2 * 9)

    def grad(bias):
        return lambda w: (X.T @ (X @ w - Y) + lam * kept(bias) * w) / 9

    report = check_gradients(cost, RNG.normal(size=4), grad=grad(taken))
    assert f"(in one entry, [0]) lam/9 = 0.0333333 times the weight itself is {words}: weight" in report.diagnosis[0]
    assert check_gradients(cost, RNG.normal(size=4), grad=grad(meant)).verdict is Verdict.CORRECT


@pytest.mark.parametrize(("rate", "told"), [(0.3, True), (0.6, True), (0.31, False)])
def test_the_rate_is_a_number_that_is_seen(rate, told):
    """Or its double."""
    found = decay_in_part(suspect(changed(2, E[2] + rate * W[2]), values={"W": W}, numbers={"rate": 0.3}))
    assert (found is not None) is told
    assert found is None or found.kind is Slip.DECAY


@pytest.mark.parametrize(("right", "told"), [(0.7, False), (0.7193461, True)])
def test_of_plain_numbers_one_is_another_and_a_third_by_chance(right, told):
    """A claim of 1 where 0.7 is right lacks the 0.3 that some number is."""
    values = {"W": np.where(np.arange(25).reshape(5, 5) == 12, 1.0, W)}
    claim = np.where(values["W"] == 1, right + 0.3, E)
    estimate = np.where(values["W"] == 1, right, E)
    found = decay_in_part(suspect(claim, estimate=estimate, values=values, numbers={"rate": 0.3}))
    assert (found is not None) is told


def test_where_all_is_wrong_or_the_value_is_not_known_nothing_is_said():
    """Of an input beside others neither."""
    numbers, values = {"rate": 0.3}, {"W": W}
    assert decay_in_part(suspect(E + 0.3 * W, values=values, numbers=numbers)) is None
    assert decay_in_part(suspect(changed(2, E[2] + 0.3 * W[2]), numbers=numbers)) is None
    assert (
        decay_in_part(suspect(changed(2, E[2] + 0.3 * W[2]), values=values, numbers=numbers, kind="input")) is not None
    )
    values["b"] = W[0]
    assert decay_in_part(suspect(changed(2, E[2] + 0.3 * W[2]), values=values, numbers=numbers, kind="input")) is None


def test_a_vector_of_all_parameters_is_decayed_whatever_it_is_called():
    """Its bias is its first entry here, and every other one is right."""
    lam, n = 0.3, len(Y)

    def cost(p):
        return (np.sum((X @ p - Y) ** 2) + lam * np.sum(p[1:] ** 2)) / (2 * n)

    report = check_gradients(cost, RNG.normal(size=4), grad=lambda p: (X.T @ (X @ p - Y) + lam * p) / n)
    assert (
        "lam/9 = 0.0333333 times p itself is too much: weight decay that the cost does not have there"
        in (report.diagnosis[0])
    )
