"""The histogram: how far off the entries are, in units of what is known."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._render.html.axis import BOTTOM, LEFT, RIGHT, TOP
from gradcheck._render.html.histogram import histogram
from gradcheck._results.verdict import Verdict


def test_one_wrong_entry_among_a_million_has_a_bar(tensor):
    """The bar of one is seen beside that of all others, far beyond the limit, and is guilty to its top."""
    shown = histogram(tensor(shape=(1000, 1000), verdict=Verdict.WRONG, claim=1.0))
    right, wrong = shown.bars
    assert right.x < shown.limit < wrong.x
    assert BOTTOM - wrong.y > 5
    assert wrong.guilty == wrong.y
    assert right.guilty == BOTTOM
    assert right.y == TOP
    assert wrong.words == "1 from 1e10 to 3e10 times the uncertainty, 1 of them wrong"
    assert right.words == "999,999 with no error"


def test_every_entry_is_in_one_bar(tensor):
    """What is nothing, what is infinite and what is beyond the last power of ten are counted as well."""
    result = tensor(shape=(8,), n=0)
    result.estimates[:] = 0
    result.uncertainties[:] = 1
    result.claims[:] = [0, 1e-9, 0.5, 1, 3, 1e20, np.inf, np.nan]
    shown = histogram(result)
    assert sum(int(bar.words.split()[0]) for bar in shown.bars) == 8
    assert shown.bars[-1].words == "2 infinitely far off"
    assert all(bar.x >= LEFT and bar.x + bar.width <= RIGHT and bar.width > 0 for bar in shown.bars)
    assert shown.words.startswith("Histogram of error over uncertainty: of 8 entries 4 lie within")
    assert (shown.zero, shown.infinite) == (True, True)


def test_infinity_has_a_place_only_where_something_is_infinitely_far_off(tensor):
    """A bar at 1e12 does not stand above it; nor is there a zero where nothing is exact."""
    result = tensor(shape=(10,), verdict=Verdict.WRONG, n=4, claim=0.5 + 2e-10, estimate=0.5, uncertainty=1e-10)
    result.claims[:] = 0.5 + 2e-10
    shown = histogram(result)
    assert (shown.zero, shown.infinite) == (False, False)
    assert shown.ticks[-1].at == RIGHT


def test_a_bar_that_is_guilty_in_part_says_so(tensor):
    """Wrong and right entries that are equally far off share a bar."""
    result = tensor(shape=(10,), verdict=Verdict.WRONG, n=4, claim=0.5 + 2e-10, estimate=0.5, uncertainty=1e-10)
    result.claims[:] = 0.5 + 2e-10
    (bar,) = histogram(result).bars
    assert BOTTOM > bar.guilty > bar.y == TOP
    assert bar.words.startswith("10 from")
    assert bar.words.endswith("4 of them wrong")


def test_the_heights_are_powers_of_ten(tensor):
    """The axis is logarithmic and labelled up to the highest bar."""
    shown = histogram(tensor(shape=(40, 50), n=0))
    assert [t.label for t in shown.heights] == ["1", "10", "100", "1,000"]
    assert [t.at for t in shown.heights] == sorted((t.at for t in shown.heights), reverse=True)


@pytest.mark.parametrize("shape", [(), (1,)])
def test_one_entry_is_no_distribution(tensor, shape):
    """What can be said of it is said in words."""
    assert histogram(tensor(shape=shape)) is None


def test_several_tensors_share_a_picture(tensor):
    """That of a report in which all is well."""
    shown = histogram(tensor(shape=(8,), n=0), tensor(shape=(2,), n=0))
    assert shown.bars[0].words == "10 with no error"
    assert shown.filled == ""


def test_what_is_undecided_is_not_drawn_as_wrong(tensor):
    """Nobody accuses it."""
    shown = histogram(tensor(shape=(8,), verdict=Verdict.UNDECIDED, n=3, claim=1.0))
    assert all(bar.guilty == BOTTOM for bar in shown.bars)
    assert shown.filled == ""
    assert histogram(tensor(shape=(8,), verdict=Verdict.WRONG, n=3, claim=1.0)).filled == "wrong entries"
