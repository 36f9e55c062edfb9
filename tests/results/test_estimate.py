"""An entry knows its name and how far its claim is off, in three measures."""

from __future__ import annotations

import math

import pytest
from made import entry

from gradcheck._results.estimate import Estimate, Rung, entry_name


@pytest.mark.parametrize("claim", [math.nan, math.inf, -math.inf])
def test_a_claim_that_is_not_finite_is_infinitely_wrong(claim):
    """By every measure of distance, and never nan."""
    found = entry(claim)
    assert (found.discrepancy, found.multiple, found.relative) == (math.inf,) * 3


def test_an_estimate_that_is_nan_is_infinitely_far():
    """An unknown slope is not a small discrepancy."""
    assert entry(1.0, math.nan).discrepancy == math.inf


@pytest.mark.parametrize(
    ("claim", "estimate", "uncertainty", "expected"),
    [
        (1.0, 0.5, 0.25, (0.5, 2.0, 0.5)),
        (-0.5, 0.5, 0.25, (1.0, 4.0, 2.0)),
        (0.5, 0.5, 0.0, (0.0, 0.0, 0.0)),
        (0.0, 0.0, 0.0, (0.0, 0.0, 0.0)),
        (0.0, 0.5, 0.0, (0.5, math.inf, 1.0)),
        (0.0, 0.5, math.inf, (0.5, math.inf, 1.0)),
        (math.inf, math.inf, 0.0, (0.0, 0.0, 0.0)),
        (-math.inf, math.inf, 0.0, (math.inf,) * 3),
        (1e300, math.inf, 0.0, (math.inf,) * 3),
    ],
)
def test_discrepancy_multiple_and_relative(claim, estimate, uncertainty, expected):
    """|claim - estimate|, in uncertainties, and relative to the larger of the two; 0/0 is 0."""
    found = entry(claim, estimate, uncertainty)
    assert (found.discrepancy, found.multiple, found.relative) == expected


@pytest.mark.parametrize(("index", "name"), [((3, 7), "W2[3,7]"), ((0,), "W2[0]"), ((), "W2")])
def test_an_entry_is_named_as_the_user_writes_it(index, name):
    """The indices without blanks, and a scalar without brackets."""
    assert entry(0.0, index=index).name == entry_name("W2", index) == name


def test_the_central_slope_is_the_mean_of_both_sides():
    """And the first rung counts back from the last."""
    assert Rung(step=0.1, left=1.0, right=4.0, noise=0.0).central == 2.5
    assert Rung.of(0.1, 1.0, 4.0, 0.0) == Rung(step=0.1, left=1.0, right=4.0, noise=0.0)
    assert Estimate(1.0, 0.0, 1.0, 1.0, rungs=(Rung(0.1, 1.0, 1.0, 0.0),) * 3, last=7).first == 5


@pytest.mark.parametrize(
    ("claim", "nearest"), [(2.0, 1.0), (-2.0, -1.0), (0.25, 0.25), (math.nan, 0.0), (math.inf, 0.0)]
)
def test_of_two_slopes_one_is_the_nearest_to_a_claim(claim, nearest):
    """Whichever side is the steeper; to what is no number the middle."""
    assert Estimate(0.0, 0.0, -1.0, 1.0, kink=True).nearest(claim) == nearest
    assert Estimate(0.0, 0.0, 1.0, -1.0, kink=True).nearest(claim) == nearest
    assert Estimate(7.0, 0.0, 1.0, math.inf, kink=True).nearest(0.0) == 7.0
