"""Is a factor read as a size, and as nothing else?"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from recorded_runs import run
from suspects import E, changed, suspect

from gradcheck import check_gradients
from gradcheck._diagnose import mean_or_sum
from gradcheck._diagnose.mean_or_sum import quotient_of, readings, root_of, step_over, wrong_axis
from gradcheck._diagnose.size import Of, Size

PAIRS = np.random.default_rng(0).normal(size=(2, 3))
BATCH, WIDTH = Size(Of.BATCH, "the batch size", 8), Size(Of.WIDTH, "a width of W (axis 0)", 8)


@pytest.mark.parametrize(
    ("ratio", "words", "end"),
    [
        (8, "8 is the batch size", "a sum where the mean over the batch is meant"),
        (1 / 8, "1/8 with 8 the batch size", "the mean over the batch taken twice, or a mean where a sum is meant"),
        (4, "4 is half of 8, the batch size", "a sum where the mean over the batch is meant"),
    ],
)
def test_a_forgotten_mean_is_read(ratio, words, end):
    """With the 2 of a square beside it or without."""
    (reading,) = readings(ratio, BATCH)
    assert (reading.words, reading.end) == (words, end)


@pytest.mark.parametrize(("ratio", "size"), [(7, BATCH), (8.0001, BATCH), (4, WIDTH), (1 / 16, WIDTH)])
def test_another_number_is_not(ratio, size):
    """And no width stands beside the 2 of a square."""
    assert list(readings(ratio, size)) == []


@pytest.mark.parametrize(("n", "read"), [(6, False), (8, False), (24, False), (5, True), (32, True)])
def test_a_plainer_number_is_not_two_in_a_size(n, read):
    """A third is no two in six, of which there are many; two in five, or in thirty-two, is no whim."""
    found = [r.words for r in readings(2 / n, Size(Of.BATCH, "the batch size", n))]
    assert found == [f"2/{n} with {n} the batch size"] * read


def test_the_size_itself_comes_first_and_the_batch_before_others():
    """Sorted by how likely they are."""
    found = [*readings(8, Size(Of.ENTRIES, "entries", 16)), *readings(8, WIDTH), *readings(8, BATCH)]
    assert [r.size.of for r in sorted(found, key=lambda r: r.rank)] == [Of.BATCH, Of.WIDTH, Of.ENTRIES]


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (7**0.5, "the square root of 7, the features: a scale by it"),
        (7**-0.5, "1 over the square root of 7"),
        (7 / 6, "7/6 with 7 the features: divided by n - 1"),
        ((7 / 6) ** 0.5, "the square root of 7/6 with 7 the features: a variance over n - 1"),
    ],
)
def test_the_root_of_a_size_is_read(ratio, words):
    """And what an unbiased variance differs by."""
    assert root_of(ratio, suspect(2 * E, sizes={"the features": 7})).startswith(words)


def test_no_root_is_read_into_other_numbers():
    """Nor into 2, of which everything is the root."""
    assert root_of(1.37, suspect(2 * E, sizes={"the features": 7})) is None
    assert root_of(2**0.5, suspect(2 * E, sizes={"the features": 2})) is None


@pytest.mark.parametrize("ratio", [2 / 3, 3 / 2, 6])
def test_two_in_three_is_no_mean_beside_a_square(ratio):
    """It may as well be a mean over three where one is masked."""
    assert list(readings(ratio, Size(Of.BATCH, "the batch size", 3))) == []


def test_the_length_of_the_wrong_axis_is_read():
    """Divided by the number of columns where that of the rows is meant."""
    sizes = {"the batch size": 30, "axis 1 of X": 4}
    said = "30/4 with 30 the batch size and 4 axis 1 of X: divided by 4 where 30 is meant"
    assert quotient_of(7.5, suspect(7.5 * E, sizes=sizes)) == said
    assert quotient_of(7.51, suspect(7.51 * E, sizes=sizes)) is None


@pytest.mark.parametrize("columns", [10, 12, 20])
def test_a_plain_fraction_is_not(columns):
    """3, 5/2 and 3/2 have many origins."""
    evidence = suspect(30 / columns * E, sizes={"the batch size": 30, "axis 1 of X": columns})
    assert quotient_of(30 / columns, evidence) is None


@pytest.mark.parametrize(
    ("ratio", "said"), [(2.0, "8/4 with 8 the batch size and 4 axis 1 of X"), (2.1, ""), (1.0, "")]
)
def test_a_plain_fraction_may_be_the_length_of_the_wrong_axis(ratio, said):
    """Twice is no 2 of a square alone. Of the numbers of all entries it is not read: all proportions are among them."""
    sizes = {"the number of entries of X": 32, "axis 1 of X": 4, "the batch size": 8}
    found = wrong_axis(ratio, suspect(ratio * E, sizes=sizes))
    assert found == f"{said}: divided by 4 where 8 is meant" if said else found is None


def test_where_some_entries_are_right_nothing_was_divided_by_the_wrong_axis():
    """A mean is taken of them all."""
    sizes = {"axis 1 of X": 4, "the batch size": 8}
    assert wrong_axis(2.0, suspect(changed(0, 2 * E[0]), sizes=sizes)) is None


def over_two(w):
    return np.stack([np.sin(w), np.sin(2 * w)]).mean(axis=0).sum()


@pytest.mark.parametrize(
    ("f", "claim", "said"),
    [
        (lambda w: np.mean(np.sin(PAIRS @ w)), lambda w: PAIRS.T @ np.cos(PAIRS @ w), "2 is the first axis of PAIRS"),
        (over_two, lambda w: np.cos(w) + 2 * np.cos(2 * w), "2 is what the function takes a mean over"),
        (over_two, lambda w: (np.cos(w) + 2 * np.cos(2 * w)) / 4, "2 is what the function takes a mean over"),
        (lambda w: np.sum(np.sin(w)) + 0 * w[1:].max(), lambda w: 2 * np.cos(w), ""),
        (lambda w: np.mean(np.sin(w)) + 0 * w[1:].max(), lambda w: 2 / 3 * np.cos(w), ""),
    ],
    ids=["a batch", "inside", "once too often", "none", "of three"],
)
def test_a_mean_over_two_is_told_beside_the_2_of_a_square(f, claim, said):
    """If there is one."""
    told = check_gradients(f, np.array([0.3, -0.7, 1.1]), grad=claim).diagnosis[0]
    assert said in told
    assert ("(or 2 is " in told) == bool(said)


@pytest.mark.parametrize(
    ("f", "over"),
    [(np.mean, 6), (lambda a: np.mean(a, axis=0), 2), (lambda a: np.mean(a, axis=1), 3), (np.sum, 0), (np.sin, 0)],
)
def test_a_step_takes_a_mean_over_so_many_numbers(f, over):
    """Or none."""
    record = run(f, PAIRS)
    assert [step_over(step, record.values) for step in record.steps] == [over]


@pytest.mark.parametrize(
    ("quotient", "plain"),
    [
        ("3", True),
        ("7", True),
        ("1/6", True),
        ("1/7", False),
        ("5/2", True),
        ("7/2", False),
        ("6/5", True),
        ("7/5", False),
    ],
)
def test_a_fraction_of_small_numbers_is_plain(quotient, plain):
    """As is a whole number: many are of other origin than one size over another."""
    assert mean_or_sum._plain(Fraction(quotient)) is plain
