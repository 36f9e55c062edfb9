"""Is what a step owes to an operand missed, where it is left out, cut short or handed to another?"""

from __future__ import annotations

import numpy as np
import pytest
from recorded_runs import made, places, words_of

from gradcheck._diagnose.steps.operands import handed_on, left_out, met_again, repeated, taken_out

RNG = np.random.default_rng(0)
A, B, ROW = RNG.normal(size=(3, 3)), RNG.normal(size=(3, 3)), RNG.normal(size=3)
ONES, INDEX = np.ones((3, 3)), np.array([0, 0, 2])
SLOPE = 1 - np.tanh(A) ** 2


@pytest.mark.parametrize(
    ("f", "claim", "words"),
    [
        (lambda a: np.sum(a @ a), ONES @ A.T, "the way back through a, in a @ a"),
        (lambda a: np.sum(a * np.sin(a)), np.sin(A), "the way back through a, in np.sin(a)"),
        (lambda a: np.sum(np.cos(a) / a), -np.sin(A) / A, "the way back through a, in np.cos(a) / a"),
    ],
)
def test_one_term_of_a_product_is_left_out(f, claim, words):
    """Wherever it comes from."""
    assert words in words_of(left_out, places(f, A), a=claim)[0]


@pytest.mark.parametrize(
    ("f", "claim", "words"),
    [
        (lambda a: np.sum(B * np.tanh(a) + 0 * a), B * SLOPE + ONES, "0 is left out on the way back to a, in 0 * a"),
        (lambda a: np.sum(np.tanh(a) * B), SLOPE, "B is left out on the way back to np.tanh(a), in np.tanh(a) * B"),
        (lambda a: np.sum(np.clip(a, -1, 1)), ONES, "the derivative is left out on the way back to a, in np.clip(a,"),
        (lambda a: np.sum(a.T * B), B, "the derivative is left out on the way back to a, in a.T"),
        (lambda a: np.sum(a @ B * A), A.T @ B.T, "what comes from above is transposed on the way back to a, in a @ B"),
    ],
)
def test_what_comes_from_above_is_handed_on(f, claim, words):
    """Without the other factor, or in another order."""
    assert any(words in said for said in words_of(handed_on, places(f, A), a=claim))


def test_a_reshape_stands_where_axes_are_exchanged():
    """Of other shapes."""
    u = RNG.normal(size=(2, 3, 2))
    f = lambda a: (a[:, :2].reshape(3, 2, 1) * np.ones(2)).transpose(1, 0, 2)  # noqa: E731
    claim = np.zeros((3, 3))
    claim[:, :2] = u.reshape(3, 2, 2).sum(axis=2)
    (said,) = words_of(handed_on, places(f, A, u=u), a=claim)
    assert "what comes from above is reshaped on the way back to" in said


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (B.sum(axis=1), "the sum over axis 1 where that over axis 0 is meant, for b in a + b"),
        (B.mean(axis=0), "the mean where the sum is meant, for b in a + b"),
        (B[-1], "only the last along axis 0 where the sum is meant, for b in a + b"),
        (B.sum(axis=0), None),
    ],
)
def test_the_sum_over_what_was_repeated_is_wrong(claim, words):
    """Of a bias."""
    found = words_of(repeated, places(lambda a, b: a + b, A, ROW, u=B), b=claim)
    assert (words in found[0]) if words else not found


@pytest.mark.parametrize(
    ("turns", "words"),
    [((0,), "the first alone counts"), ((0, 1), "the last is left out"), ((1, 2), "the first is left")],
)
def test_a_turn_of_a_loop_is_missing(turns, words):
    """Or all others are."""

    def f(a):
        total = 0
        for row in B:
            total = total + np.sum(np.sin(row @ a))
        return total

    claim = sum(np.outer(B[t], np.cos(B[t] @ A)) for t in turns)
    assert words in words_of(met_again, places(f, A), a=claim)[0]
    assert "of the 3 times that a is met in row @ a" in words_of(met_again, places(f, A), a=claim)[0]


def test_an_index_that_comes_twice_is_overwritten():
    """At one place, or at all of them."""
    one = np.zeros((3, 3))
    one[INDEX] = B
    found = words_of(taken_out, places(lambda a: a[INDEX], A, u=B), a=one)
    assert found[0].startswith("of an index that comes twice the last use alone counts, in a[INDEX]")
    both, other = one.copy(), INDEX[::-1]
    put = np.zeros((3, 3))
    put[other] = B
    found = words_of(taken_out, places(lambda a: a[INDEX] + a[other], A, u=B), a=both + put)
    assert " and in a[other]" in found[0]


def test_two_parts_are_exchanged():
    """As the gates of a cell."""
    there = places(lambda a: np.sum(2 * a[:, :1] + np.sin(a[:, 1:2])), A)
    claim = np.stack([np.cos(A[:, 1]), np.full(3, 2.0), np.zeros(3)], axis=1)
    (said,) = words_of(taken_out, there, a=claim)
    assert said.startswith("what comes back to a[:, :1] (line ")
    assert said.endswith("is exchanged")


@pytest.mark.parametrize(("turns", "told"), [(1, 0), (2, 4)])
def test_what_is_met_once_is_not_met_again(turns, told):
    """Nor what is another array in each turn."""

    def same(a, b):
        for _ in range(turns):
            b = np.tanh(a * b)
        return np.sum(b)

    of_a = [words for words, _ in made(met_again, places(same, A, B)) if "that a is met" in words]
    assert len(of_a) == told
    assert made(met_again, places(lambda a: sum(np.sum(np.sin(row)) for row in (a[0], a[1])), A)) == []


@pytest.mark.parametrize(
    ("f", "exchanged"),
    [
        (lambda a, b: np.sum(2 * a[:, :1] + np.sin(a[:, 1:2])), True),
        (lambda a, b: np.sum(2 * a[:, :1] + np.sin(b[:, 1:2])), False),
        (lambda a, b: np.sum(2 * a[:, :1] + np.sin(a[:, 1:])), False),
    ],
    ids=["two parts", "of two arrays", "of two shapes"],
)
def test_parts_of_one_array_and_of_one_shape_may_be_exchanged(f, exchanged):
    """Others do not fit."""
    assert any("is exchanged" in words for words, _ in made(taken_out, places(f, A, B))) is exchanged
