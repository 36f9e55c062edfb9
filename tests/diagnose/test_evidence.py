"""Does evidence know what explains a claim, and where it is wrong?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import E, changed, suspect

from gradcheck._diagnose.acceptance import PATTERN
from gradcheck._diagnose.evidence import where


def test_a_prediction_explains_a_claim_in_every_entry_or_not_at_all():
    """One entry that is off is enough, and what is zero explains nothing."""
    assert suspect(2 * E).explained(2 * E)
    assert not suspect(2 * E).explained(changed((0, 0), 9) * 2)
    assert not suspect(np.zeros((5, 5))).explained(np.zeros((5, 5)))


def test_what_follows_a_pattern_may_differ_by_so_much():
    """A millionth of each entry, and no more."""
    assert suspect(2 * E).explained(2 * E * (1 + PATTERN / 2))
    assert not suspect(2 * E).explained(2 * E * (1 + 3 * PATTERN))


def test_what_is_wrong_has_to_come_out():
    """A pattern that leaves more than a thousandth of it has explained nothing."""
    off = suspect(E * (1 + 4e-6))
    assert not off.explained(E * (1 + 3.99e-6))
    assert off.explained(E * (1 + 3.998e-6))


def test_too_few_entries_explain_nothing():
    """`least` says how many there must be."""
    assert suspect([2.0, 4.0], [1.0, 2.0]).explained(np.array([2.0, 4.0]), least=2)
    assert not suspect([2.0, 4.0], [1.0, 2.0]).explained(np.array([2.0, 4.0]), least=3)


def test_where_the_function_stands_still_is_seen_beside_the_largest_slope():
    """A billionth of it is nothing."""
    assert suspect([1.0, 1.0, 1.0], [2.0, 3e-9, 1e-9]).still.tolist() == [False, False, True]


def test_a_sample_is_not_the_whole():
    """Nor is a claim that is no number."""
    assert suspect(2 * E).whole
    assert not suspect(2 * E, measured=[0, 1]).whole
    assert not suspect(changed(0, np.nan)).whole


@pytest.mark.parametrize("rows", [7, 4])
def test_only_matrices_of_the_right_shape_are_yielded(rows):
    """Of so many rows, examples along axis 0; an input that is the tensor itself is not."""
    arrays = {"X": np.ones((7, 2)), "ids": np.arange(7), "one": np.ones((1, 2))}
    evidence = suspect(2 * E, data=arrays, values={"W": np.ones((7, 3))}, inputs=("W",))
    assert [name for name, _ in evidence.matrices(rows=rows)] == (["X"] if rows == 7 else [])


@pytest.mark.parametrize(
    ("index", "place"),
    [
        ((1, 2), "in one entry, [1,2]"),
        (3, "in row 3 alone"),
        ((slice(None), 4), "in column 4 alone"),
        ((slice(1, 3), slice(2, 5)), "in the block [1:3,2:5] alone"),
        (np.eye(5, dtype=bool), ""),
    ],
)
def test_the_place_of_what_is_wrong_has_a_name(index, place):
    """Unless it lies anywhere."""
    assert where(suspect(changed(index, 9.0))) == place
