"""Where a number stands on a logarithmic axis, and how many ticks it bears."""

from __future__ import annotations

from itertools import pairwise

import pytest

from gradcheck._render.html.axis import BOTTOM, FEW, LEFT, RIGHT, TICKS, TOP, decades, place, rounds


@pytest.mark.parametrize(("value", "at"), [(0, 10), (5, 60), (10, 110), (1, 20), (0.333, 13.3)])
def test_a_value_stands_in_proportion(value, at):
    """To a tenth of a pixel; an axis may run the other way."""
    assert place(value, 0, 10, 10, 110) == at
    assert place(value, 0, 10, 110, 10) == pytest.approx(120 - at, abs=0.1)


@pytest.mark.parametrize(("low", "high"), [(-300, 300), (-17, 0), (-6, -1), (-1, 1), (0.1, 0.9)])
def test_ticks_are_powers_of_ten_that_lie_within(low, high):
    """No more than can be read, none outside of the axis, at equal distances."""
    ticks = decades(low, high)
    assert len(ticks) <= TICKS + 1
    assert all(LEFT <= tick.at <= RIGHT for tick in ticks)
    powers = [round(low + (high - low) * (tick.at - LEFT) / (RIGHT - LEFT), 1) for tick in ticks]
    assert len({round(b - a) for a, b in pairwise(powers)}) <= 1


def test_an_axis_without_a_power_of_ten_has_no_tick():
    """And one from a power to the next has both."""
    assert decades(0.1, 0.9) == ()
    assert [(tick.at, tick.label) for tick in decades(0, 1)] == [(LEFT, "1"), (RIGHT, "10")]


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (-0.3, 2.4, ["0", "1", "2"]),
        (-2.0, -1.1, ["-2", "-1.5"]),
        (1e-7, 3.2e-7, ["1e-7", "2e-7", "3e-7"]),
        (-13.0, 2.0, ["-10", "-5", "0"]),
        (-25.0, 12.0, ["-20", "-10", "0", "10"]),
        (1234.2, 1235.9, ["1234.5", "1235", "1235.5"]),
    ],
)
def test_a_linear_axis_has_a_few_round_numbers(low, high, labels):
    """With the digits that tell them apart, each where it belongs."""
    ticks = rounds(low, high)
    assert [tick.label for tick in ticks] == labels
    assert len(ticks) <= FEW + 1
    assert all(TOP - 0.1 <= tick.at <= BOTTOM + 0.1 for tick in ticks)
    assert [tick.at for tick in ticks] == sorted((tick.at for tick in ticks), reverse=True)


def test_numbers_that_differ_in_late_digits_are_left_out():
    """Nobody could tell them apart."""
    assert rounds(1e6, 1e6 + 1e-3) == ()


@pytest.mark.parametrize(
    ("low", "high"), [(1e308, 1e308 + 1e292), (-1e308, 1e308), (5e-324, 1e308), (0.0, 5e-324), (1.0, 1.0), (3.0, 2.0)]
)
def test_numbers_that_no_axis_holds_have_no_ticks_or_few(low, high):
    """As in a report that is damaged: too far apart, or no distance that divides them."""
    assert len(rounds(low, high)) <= FEW + 1


def test_a_distance_that_is_lost_beside_its_numbers_has_no_ticks():
    """There would be more of them than there are floats."""
    assert rounds(1e300, 1e300 + 1e284) == ()
    assert rounds(-1e308, 1e308) == ()
