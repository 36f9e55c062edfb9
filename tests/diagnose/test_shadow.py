"""A few directions refuse what the derivatives cannot explain, and nothing that they can."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from suspects import met

from gradcheck import check_gradients
from gradcheck._diagnose.shadow import FEW, WAYS, Shadow

RNG = np.random.default_rng(5)
SIZE = FEW + 4
J = RNG.normal(size=(SIZE, SIZE))


def turned_round(u):
    return u[::-1].copy()


def cast(back):
    """Return the shadow of a claim on J x, and the pull from above."""
    (found,) = met(lambda x: J @ x, RNG.normal(size=SIZE), vjp=lambda x, u: back(u))
    lab = found.context.lab
    return Shadow.of(found, lab, lab.cotangent[0]), lab


def test_only_the_pull_that_was_taken_may_be():
    """Of two that differ from the right one; at the price of some directions, not of all derivatives."""
    shadow, lab = cast(lambda u: turned_round(u) @ J)
    assert lab.budget.spent <= 2 * (2 * WAYS + 1) + 10
    assert shadow.may_be(turned_round(shadow.flat))
    assert not shadow.may_be(np.roll(shadow.flat, 1))
    assert not shadow.may_be_of_matrix(lab.cotangent)


@pytest.mark.parametrize(
    "back", [lambda u: J @ u, lambda u: u * np.diag(J), lambda u: u[-1] * J[-1]], ids=["turned on", "diagonal", "last"]
)
def test_what_is_done_with_the_derivatives_may_be(back):
    """Its columns show it, or a move by the cotangent."""
    shadow, lab = cast(back)
    assert shadow.may_be_of_matrix(lab.cotangent)


def test_a_direction_that_does_not_show_what_was_measured_refuses_nothing():
    """As across a kink: then all derivatives are measured."""
    found = cast(lambda u: turned_round(u) @ J)[0].evidence
    lab = found.context.lab
    other = replace(found, estimate=found.estimate + 1.0)
    shadow = Shadow.of(other, lab, lab.cotangent[0])
    assert (shadow.moves, shadow.columns) == ((), ())
    assert shadow.may_be(np.ones(SIZE))
    assert shadow.may_be_of_matrix(lab.cotangent)


def test_a_claim_without_a_pattern_costs_little():
    """Thirty outputs by thirty inputs: no derivative of all is measured for it."""
    rng = np.random.default_rng(0)
    A, noise = rng.normal(size=(30, 30)), rng.uniform(1.2, 3, 30)
    wrong = check_gradients(lambda x: np.tanh(A @ x), X30, vjp=lambda x, u: noise * ((u * slope(A, x)) @ A))
    right = check_gradients(lambda x: np.tanh(A @ x), X30, vjp=lambda x, u: (u * slope(A, x)) @ A)
    assert wrong.evaluations < 2 * right.evaluations


X30 = RNG.normal(size=30) / 10


def slope(A, x):
    return 1 - np.tanh(A @ x) ** 2
