"""Is a factor read as the number of entries that count, or as the sum of weights?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import E, suspect

from gradcheck import check_gradients
from gradcheck._diagnose import counts
from gradcheck._diagnose.counts import count_of, share_of

MASK = np.arange(12) < 7
WEIGHTS = np.linspace(0.1, 2, 10)


@pytest.mark.parametrize(
    ("data", "ratio", "words"),
    [
        (MASK, 7 / 12, "7/12 where m is true in 7 of 12: as if divided by 12 instead of those 7"),
        (MASK, 12 / 7, "12/7 where m is true in 7 of 12: as if divided by those 7 instead of 12"),
        (MASK.astype(float), 7 / 12, "m is 1 in 7 of 12"),
        (MASK.astype(int), 7 / 12, "m is 1 in 7 of 12"),  # in whole numbers as well: 0 is not negative
        (np.where(MASK, 3, -100), 7 / 12, "m is not negative in 7 of 12"),
        (np.where(MASK, 0.5, np.nan), 7 / 12, "m is a number in 7 of 12"),
        (WEIGHTS, 1.05, "10.5/10 where m adds up to 10.5: as if divided by 10 instead of their sum"),
        (MASK.reshape(3, 4), 7 / 12, "m is true in 7 of 12"),
    ],
)
def test_a_share_is_named(data, ratio, words):
    """Of what a mask lets through, of labels, of numbers among nan, of weights."""
    assert words in share_of(ratio, suspect(ratio * E, data={"m": data}))


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (7.0, "7 where m is true in 7 of 12: as if not divided by those 7"),
        (1 / 7, "1/7 where m is true in 7 of 12: as if divided by those 7 once too often"),
    ],
)
def test_a_count_is_named(ratio, words):
    """Or one over it."""
    assert count_of(ratio, suspect(ratio * E, data={"m": MASK})) == words


def test_what_another_tensor_lets_through_counts_as_well():
    """But not the tensor itself: a number of its own entries is no mask of it."""
    mask = MASK.astype(float)
    assert "m is 1 in 7 of 12" in share_of(7 / 12, suspect(7 / 12 * E, values={"m": mask}))
    assert share_of(7 / 12, suspect(7 / 12 * E, values={"W": mask})) is None


def test_a_mask_that_lets_one_through_is_none():
    """As a label in a row of zeros: a mean over one entry is that entry."""
    assert share_of(12.0, suspect(12 * E, data={"y": np.eye(1, 12)[0]})) is None


def test_a_buffer_that_the_gradient_is_written_to_has_no_weights():
    """Whatever its entries add up to."""
    evidence = suspect(np.abs(E) / 2, np.abs(E), data={"buffer": np.abs(E) / 2})
    total = float(np.abs(E).sum()) / 2
    assert share_of(total / 12, evidence) is None


@pytest.mark.parametrize("data", [np.ones(12, dtype=bool), np.zeros(12), np.arange(12), np.full(10, 0.7)])
def test_what_lets_all_or_nothing_through_is_no_mask(data):
    """Nor are indices, or weights that are all the same."""
    evidence = suspect(0.7 * E, data={"m": data})
    assert share_of(0.7, evidence) is share_of(7 / 12, evidence) is count_of(7, evidence) is None


def test_a_share_that_is_a_plain_number_is_one_of_two_causes():
    """Half of a mask is a forgotten 2 of a square as well."""
    X = np.random.default_rng(0).normal(size=(12, 4))
    half = np.arange(12) % 2 == 0
    report = check_gradients(
        lambda w: np.sum(half * (X @ w) ** 2) / half.sum(),
        np.ones(4),
        grad=lambda w: 2 * X.T @ (half * (X @ w)) / 12,
    )
    assert "the 2 of a square is forgotten" in report.diagnosis[0]
    assert (
        "(or 6/12 where half is true in 6 of 12: as if divided by 12 instead of those 6, or 1/2 has another origin)"
        in report.diagnosis[0]
    )


@pytest.mark.parametrize(("n", "plain"), [(9, True), (7, False)])
def test_a_plain_fraction_is_said_to_have_other_origins(n, plain):
    """Three quarters beside a mask that lets nine of twelve through, and has nothing to do with it."""
    mask = np.arange(12) < n
    said = share_of(n / 12, suspect(n / 12 * E, data={"m": mask}))
    assert said.endswith(", or 3/4 has another origin") is plain


@pytest.mark.parametrize(
    ("ratio", "origin"),
    [(3 / 4, "3/4"), (1 / 3, "1/3"), (5 / 2, "5/2"), (1 / 5, ""), (5 / 8, ""), (2.0, ""), (0.7, "")],
)
def test_a_fraction_of_four_or_less_has_other_origins(ratio, origin):
    """A whole number is none, and of fifths and eighths there are few."""
    assert counts._else(ratio) == (f", or {origin} has another origin" if origin else "")


@pytest.mark.parametrize(("number", "read"), [(1, False), (2, True), (11, True), (12, False)])
def test_two_entries_of_many_may_be_those_that_count(number, read):
    """Or all but one."""
    mask = np.arange(12) < number
    assert bool(count_of(float(number), suspect(number * E, data={"m": mask}))) is read


def test_weights_of_three_kinds_are_added_up():
    """Of one vector, of numbers of which none is negative; what adds up to one is no factor."""
    for weights, read in (
        (np.array([0.5, 1.5, 3.0, 3.0]), True),
        (np.array([0.5, 1.5, 0.5, 5.5]), True),
        (np.array([0.0, 4.0, 4.0, 0.0]), False),
        (np.array([-1.0, 4.0, 3.0, 2.0]), False),
        (np.array([[0.5, 1.5], [3.0, 3.0]]), False),
        (np.array([1, 2, 5, 0]), False),
    ):
        assert bool(count_of(8.0, suspect(8 * E, data={"w": weights}))) is read
    assert count_of(1.0, suspect(2 * E, data={"w": np.array([0.5, 0.2, 0.3])})) is None


@pytest.mark.parametrize(("lowest", "said"), [(0, []), (-1, ["not negative"])])
def test_labels_of_which_none_is_negative_all_count(lowest, said):
    """As those of an embedding."""
    assert [words for words, _ in counts._conditions(np.array([lowest, 2, 3]))] == said
