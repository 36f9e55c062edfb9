"""A few directions refuse what the derivatives cannot explain, and nothing that they can."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from suspects import met, suspect

from gradcheck import check_gradients
from gradcheck._diagnose import shadow as shadows
from gradcheck._diagnose.shadow import Shadow

RNG = np.random.default_rng(5)
SIZE = 12  # eight are few
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
    assert lab.budget.spent <= 2 * (2 * 3 + 1) + 10
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


class Seen:
    """A laboratory in which a tensor moves the outputs by a matrix; what was moved is remembered."""

    def __init__(self, matrix, spoil=lambda y: y):
        self.matrix, self.spoil, self.moved = matrix, spoil, []

    def pushed(self, _, move):
        self.moved.append(move)
        return self.spoil(self.matrix @ np.ravel(move))


VALUE = np.linspace(-2.0, 3.0, SIZE)
U = RNG.normal(size=SIZE)


def thrown(claim=None, value=VALUE, u=U, matrix=J, spoil=lambda y: y, slack=0.0):
    """Return the shadow of a claim on J.T u, and what was moved for it."""
    right = matrix.T @ u
    claim = right[::-1] if claim is None else claim
    evidence = suspect(claim, right, values={} if value is None else {"W": value})
    lab = Seen(matrix, spoil)
    return Shadow.of(replace(evidence, slack=np.full(len(right), slack)), lab, u), lab.moved


def test_three_directions_and_three_columns_are_seen():
    """Each entry goes as far as it is large, or as is usual, up and down; a column is what one entry moves."""
    shadow, moved = thrown()
    scale = np.maximum(np.abs(VALUE), np.median(np.abs(VALUE)))
    assert len(moved) == 3 + 3 + 1
    assert all((np.abs(move) == scale).all() for move in moved[:3])
    assert {*np.sign(np.stack(moved[:3])).ravel()} == {-1.0, 1.0}
    assert [np.count_nonzero(move) for move in moved[3:-1]] == [1] * 3
    assert len({int(np.argmax(move)) for move in moved[3:-1]}) == 3
    for k, column in shadow.columns:
        assert column == pytest.approx(J[:, k])
    assert moved[-1] == pytest.approx(np.median(scale) / np.max(np.abs(U)) * U)
    assert shadow.turned == pytest.approx(J @ U)


@pytest.mark.parametrize(("value", "scale"), [(np.zeros(SIZE), 1.0), (np.where(np.arange(SIZE) == 0, 5.0, 0.0), 5.0)])
def test_an_entry_of_zero_goes_as_far_as_is_usual(value, scale):
    """Of the others; or by one, where all are zero."""
    _, moved = thrown(value=value)
    assert (np.abs(moved[0]) == scale).all()


@pytest.mark.parametrize(("size", "few"), [(8, True), (9, False)])
def test_of_few_entries_all_derivatives_are_measured_for_the_price(size, few):
    """Nor is anything seen of a tensor whose numbers are not known; then everything may be."""
    matrix, u = J[:size, :size], U[:size]
    _, moved = thrown(value=VALUE[:size], u=u, matrix=matrix)
    assert (moved == []) is few
    unknown, moved = thrown(value=None)
    assert moved == []
    assert unknown.may_be(np.ones(SIZE))
    assert unknown.may_be_of_matrix([U])


@pytest.mark.parametrize(("off", "trusted"), [(0.9, True), (1.1, False)])
@pytest.mark.parametrize("slack", [0.0, 0.5])
def test_a_direction_is_trusted_where_it_shows_what_was_measured(off, trusted, slack):
    """To a ten-thousandth of the terms, and what is unknown of each, as far as it is moved."""
    shadow, _ = thrown()
    move = VALUE * np.where(np.arange(SIZE) % 2, -3.0, 2.0)
    terms = move * (J.T @ U)
    known = replace(shadow, evidence=replace(shadow.evidence, slack=np.full(SIZE, slack)))
    room = 1e-4 * np.sum(np.abs(terms)) + slack * np.sum(np.abs(move))
    y = J @ move
    y += off * room * U / (U @ U)
    assert known._trusted(move, y) is trusted
    assert not known._trusted(move, y[:-1])


def test_of_another_number_of_entries_than_outputs_nothing_is_turned():
    """Nor by a cotangent of zero."""
    rng = np.random.default_rng(1)
    shadow, moved = thrown(u=rng.normal(size=SIZE + 1), matrix=rng.normal(size=(SIZE + 1, SIZE)))
    assert shadow.turned is None
    assert len(moved) == 6
    none, _ = thrown(claim=np.ones(SIZE), u=0 * U)
    assert none.turned is None
    lost, _ = thrown(spoil=lambda y: None)
    assert (lost.moves, lost.columns, lost.turned) == ((), (), None)


@pytest.mark.parametrize(("off", "may_be"), [(0.8e-4, True), (2e-3, False)])
def test_another_pull_may_be_where_it_shows_the_claim_in_every_direction(off, may_be):
    """To a ten-thousandth of the terms."""
    other = np.roll(U, 3)
    claim = J.T @ other
    shadow, _ = thrown(claim)
    assert shadow.may_be(other * (1 + off)) is may_be


def columns_of(claim, columns, u=U, right=None, turned=None):
    """Return whether a claim may be something done with derivatives of which these columns are seen."""
    right = np.ones(SIZE) if right is None else right
    shadow = Shadow(suspect(claim, right), u if isinstance(u, np.ndarray) else u[0], (), columns, turned)
    return shadow.may_be_of_matrix([u] if isinstance(u, np.ndarray) else u)


ZERO = np.zeros(SIZE)


def test_what_the_columns_say_of_a_claim():
    """It is a term of each, the slope of its own output, or what was measured without that; or that of a turned one."""
    y = np.random.default_rng(1).normal(size=(2, SIZE))
    claim = ZERO.copy()
    claim[[1, 4]] = U[7] * y[0][7], U[2] * y[1][2]
    columns = ((1, y[0]), (4, y[1]))
    assert columns_of(claim, columns)
    assert not columns_of(claim + 0.5, columns)
    assert columns_of(claim * (1 + 0.9e-4), columns)
    assert not columns_of(claim * (1 + 1.2e-4), columns)
    claim[[1, 4]] = U[1] * y[0][1], U[4] * y[1][4]
    assert columns_of(claim, columns)
    handed = ZERO.copy()
    handed[[1, 4]] = 1 / y[0][1], 1 / y[1][4]
    assert columns_of(handed, columns)
    handed[4] *= 1.1
    assert not columns_of(handed, columns)
    assert columns_of(U * 3, columns, turned=U * 3 * (1 + 0.9e-4))
    assert not columns_of(U * 3, columns, turned=U * 3.1)
    assert columns_of(U * 3 + 0.5, ())


def test_blocks_are_the_outputs_of_as_many_entries_as_the_tensor_has():
    """Each with its cotangent, where it lies among all."""
    evidence = suspect(np.ones(4), np.zeros(4))
    u = [np.ones(3), np.arange(4.0), np.full((2, 2), 7.0)]
    found = shadows._blocks(u, evidence)
    assert [(block.start, block.stop) for block, _ in found] == [(3, 7), (7, 11)]
    assert [c.tolist() for _, c in found] == [[0, 1, 2, 3], [7, 7, 7, 7]]


@pytest.mark.parametrize(("off", "alike"), [(0.9, True), (1.2, False)])
@pytest.mark.parametrize("scale", [1e-2, 1e2])
def test_what_is_alike_differs_by_a_ten_thousandth(off, alike, scale):
    """Of each, and of the largest besides."""
    b = scale * np.array([4.0, 1.0, 0.0])
    assert shadows._alike(b + off * 1e-4 * scale * np.array([0, 5, 0]), b) is alike
    assert shadows._alike(b + off * 1e-4 * scale * np.array([0, 0, 4.0]), b) is alike
    assert shadows._any(scale * np.array([7.0, 1 + off * 1e-4]), scale) is alike
    assert shadows._any(scale * np.array([7.0, -1 - off * 1e-4]), -scale) is alike


def test_of_two_outputs_one_may_be_all_that_an_entry_is_claimed_to_move():
    """Of one output it is the whole gradient."""
    claim = ZERO.copy()
    columns = ((1, np.array([3.0, -2.0])), (4, np.array([0.5, 4.0])))
    claim[[1, 4]] = 3.0 * 0.7, 4.0 * 0.2
    assert columns_of(claim, columns, u=np.array([0.7, 0.2]))
    claim[4] = 4.0 * 0.7
    single = ((1, np.array([3.0])), (4, np.array([4.0])))
    assert not columns_of(claim, single, u=np.array([0.7]))
