"""Two mistakes at once are both named, and nothing is that follows no plain pattern."""

from __future__ import annotations

import numpy as np
import pytest
from suspects import NOISE, E, X, same_in_any_unit, spoilt, suspect

from gradcheck import check_gradients
from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.two_mistakes import beside_a_factor, in_parts

ROWS, COLUMNS = np.array([2.0, 2, -1, -1, 1])[:, np.newaxis], np.array([1.0, 0.5, 1, 0, 0])
THREE = np.array([2.0, -1, 0.5, 1, 1])
FOUR = np.array([2.0, -1, 0.5, -2, 1])


@pytest.mark.parametrize(
    ("factors", "words"),
    [
        (
            ROWS,
            ["2 mistakes", "minus the measured value in the block [2:4,0:5]", "exactly twice the measured value in "],
        ),
        (COLUMNS, ["exactly half the measured value in column 1: the 2 of a square", "zero in the block [0:5,3:5]"]),
        (THREE, ["3 mistakes", "in column 0", "in column 1", "in column 2"]),
    ],
)
def test_a_factor_in_one_part_and_another_in_another_are_named(factors, words):
    """With where each is, and what it comes from."""
    found = in_parts(suspect(factors * E))
    assert found.kind is Slip.TWO_MISTAKES
    assert all(word in found.sentence for word in words)
    assert in_parts(spoilt(suspect(factors * E))) is None
    assert same_in_any_unit(in_parts, suspect(factors * E))


@pytest.mark.parametrize(
    "claim",
    [
        FOUR * E,
        np.array([2.0, 1, 1, 1, 1]) * E,
        np.array([2.0, 1.7, 1, 1, 1]) * E,
        np.where(np.random.default_rng(3).random((5, 5)) < 0.5, 2, -1) * E,
        ROWS * E + NOISE,
        np.where(np.arange(25).reshape(5, 5) == 0, 2, np.where(np.arange(25).reshape(5, 5) == 24, -1, 1)) * E,
    ],
    ids=["four", "one", "no plain one", "everywhere", "noise", "single entries"],
)
def test_other_factors_are_no_two_mistakes(claim):
    """A gain of each column, one mistake, and what lies here and there."""
    assert in_parts(suspect(claim)) is None


@pytest.mark.parametrize(
    ("claim", "keywords", "words"),
    [
        (2 * E.T, {}, ["a factor of 2: a term counted twice", "without it: the transpose of the measured gradient"]),
        (0.5 * np.roll(E, 1, axis=0), {}, ["a factor of 0.5", "shifted by 1 along axis 0"]),
        (-(E - 0.3 * X[:5]), {"values": {"W": X[:5]}}, ["a factor of -1: the sign is wrong", "0.3 times the weight"]),
        (8 * E.T, {"sizes": {"the batch size": 8}}, ["a factor of 8: 8 is the batch size", "the transpose"]),
        (E.T / 8, {"sizes": {"the batch size": 8}}, ["a factor of 0.125: 1/8 with 8 the batch size", "the transpose"]),
    ],
)
def test_a_factor_beside_another_mistake_is_named(claim, keywords, words):
    """If both put right make what was measured."""
    found = beside_a_factor(suspect(claim, **keywords))
    assert found.kind is Slip.TWO_MISTAKES
    assert all(word in found.sentence for word in words)
    assert beside_a_factor(spoilt(suspect(claim, **keywords))) is None
    assert same_in_any_unit(beside_a_factor, suspect(claim, **keywords))


@pytest.mark.parametrize("claim", [2 * E, 7 * E.T, E + NOISE, E**2, 2 * E + NOISE], ids=str)
def test_a_factor_alone_or_of_no_known_kind_is_no_second_mistake(claim):
    """Nor is anything that follows no pattern once it is put right."""
    assert beside_a_factor(suspect(claim)) is None


def test_both_are_told_where_no_single_cause_is_found():
    """And one where it is enough."""
    x, slopes = np.linspace(0.3, 1.9, 8), np.arange(1, 9) * np.sqrt(np.arange(2, 10))

    def told(gradient):
        return check_gradients(lambda x: slopes @ np.sin(x), x, grad=gradient).diagnosis[0]

    def halves(x):
        return np.concatenate([2 * (slopes * np.cos(x))[:4], -(slopes * np.cos(x))[4:]])

    assert told(halves).startswith("x: 2 mistakes: minus the measured value in the block [4:8]")
    assert "mistakes" not in told(lambda x: 2 * slopes * np.cos(x))
