"""What is lost in last digits is not known, and nothing else is excused by them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tested import ONE, SLOPE, looked_at, on_the_sine, sine

from gradcheck._entries.second_opinions import last_digits as module
from gradcheck._entries.second_opinions.last_digits import last_digits, rounding_of_the_claim
from gradcheck._results.estimate import Estimate, Rung


@pytest.mark.parametrize(("claim", "speaks"), [(1.1e-15, True), (1.4e-15, False)])
def test_sixteen_roundings_of_f_are_its_last_digits(claim, speaks):
    """As many as a sum of some dozens of terms may be off by: 1.2e-15 of f, over the scale of the entry."""
    look, still = looked_at(lambda x: 1.0 + 0 * float(x[0]), np.array([claim]), ONE)
    assert (last_digits(look, still) is not None) is speaks


def test_last_digits_speaks():
    """What is claimed of a constant is lost in its last digits, over the whole scale of the entry."""
    look, still = looked_at(lambda x: 1.0 + 0 * float(x[0]), np.array([1e-15]), ONE)
    found = last_digits(look, still)
    assert found.value == 0
    assert found.uncertainty >= 1e-15
    assert not look.accuses(found)


def test_the_largest_numbers_have_no_last_digits_to_lose():
    """What `nan_to_num` made of an infinity is no sum of a few units, nor too large to be asked."""
    look, still = looked_at(lambda x: 0.0 if x[0] == 1 else -np.finfo(float).max, np.array([1e-20]), ONE)
    assert not module._are_units(look, [np.finfo(float).max, 0.0])
    assert last_digits(look, replace(still, value=0.0)) is not None


def test_last_digits_is_silent():
    """Where claim or slope are larger than that."""
    assert last_digits(*looked_at(lambda x: 1.0 + 0 * float(x[0]), np.array([1e-12]), ONE)) is None
    assert last_digits(*on_the_sine(claim=0.0)) is None


def test_rounding_of_the_claim_speaks():
    """A gradient that changes by 1e-9 between points that differ in their last digits may be off by that."""

    def jumpy(x):
        return np.cos(x) + 1e-9 * (np.round((x - 1) / 2.0**-49) % 2)

    look, estimate = looked_at(sine, jumpy, ONE)
    found = rounding_of_the_claim(look, estimate)
    assert 1e-9 <= found.residue <= 1e-8
    assert (found.value, found.uncertainty) == (estimate.value, estimate.uncertainty)


def test_rounding_of_the_claim_is_silent():
    """Of a gradient that is the same at all of them: nothing is allowed for it, and it is wrong as before."""
    look, estimate = on_the_sine(claim=2 * SLOPE)
    found = rounding_of_the_claim(look, estimate)
    assert found == replace(estimate, residue=0.0)
    assert look.accuses(found)


@pytest.mark.parametrize(("unit", "units"), [(2.0**-24, True), (2.0**-23, False)])
def test_units_of_larger_numbers_may_be_steps(unit, units):
    """What is left where numbers up to a million cancel moves by units of 2^-32, and by 256 of them at most."""
    look, _ = looked_at(lambda x: unit * float(np.round(x[0])), np.zeros(1), ONE)
    assert module._are_units(look, [unit, 0.0]) is units


FOUR = np.array([4.0])


def standing(claim, moves=None, offset=0.0):
    """Return what an opinion is given on an entry of four, where f stands still nearby, and moves so further away."""
    look, _ = looked_at(lambda x: offset, np.array([claim]), FOUR, sigma=1e-300)
    moves = moves or (lambda _: 0.0)
    return replace(look, ladder=replace(look.ladder, line=lambda t: (t, moves(t)))), Estimate(0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(("part", "speaks"), [(0.9, True), (1.1, False), (-0.9, True)])
def test_the_last_digits_are_those_of_what_f_rises_by_as_far_as_the_entry_is_large(part, speaks):
    """To either side, over its scale; an infinite rise is none."""
    for moves in (lambda t: 3.1 * (t > 0), lambda t: 3.1 * (t < 0), lambda t: np.inf if t > 0 else -3.1):
        look, still = standing(part * 16 * 2.0**-52 * 3.1 / 4, moves)
        found = last_digits(look, still)
        assert (found is not None) is speaks
        if speaks:
            assert found.uncertainty == pytest.approx(16 * 2.0**-52 * 3.1 / 4)
    wide = replace(look, ladder=replace(look.ladder, relative=2.0**-23))
    assert last_digits(wide, still).uncertainty == pytest.approx(16 * 2.0**-23 * 3.1 / 4)


@pytest.mark.parametrize(
    ("unit", "far", "uneven", "speaks"),
    [
        (2.0**-40, 3, 5, True),
        (2.0**-40, 256, 5, True),
        (2.0**-40, 3, 0.3, False),
        (2.0**-40, 0.7, 1, False),
        (2.0**-25, 3, 5, False),
        (2.0**-40, 513, 5, False),
    ],
)
def test_a_few_units_at_a_time_are_last_digits_as_well(unit, far, uneven, speaks):
    """Of numbers that cancel: 256 at the most, and no larger than those of a million; wherever one looks."""
    look, still = standing(unit / 4, lambda t: unit * (far if abs(t) == 4 else uneven))
    found = last_digits(look, still)
    assert (found is not None) is speaks
    assert not speaks or found.uncertainty == pytest.approx(far * unit / 4)
    larger, _ = standing(1.1 * far * unit / 4, lambda t: unit * (far if abs(t) == 4 else uneven))
    assert last_digits(larger, still) is None


@pytest.mark.parametrize(
    ("seen", "value", "unknown", "off", "speaks"),
    [
        (15.0, 0.0, 1.0, 7000.0, True),
        (17.0, 0.0, 1.0, 7000.0, False),
        (15.0, 0.0, 1.0, 9000.0, False),
        (15.0, 0.0, 1.0, -7000.0, True),
        (15.0, 2.0, 1.0, 7000.0, False),
        (15.0, 1.0, 2.0, 7000.0, True),
        (0.0, 0.0, 1.0, 0.0, False),
    ],
)
def test_a_wave_as_high_as_the_last_digits_may_have_any_slope(seen, value, unknown, off, speaks):
    """Up to 8192 radians over the scale of an entry; of a slope that is told from zero nothing is excused."""
    look, _ = standing(0.0, offset=1.0)
    unit = look.tested.subject.rounding()
    rungs = (Rung(0.5, seen * unit / 0.5, 0.0, 0.0), Rung(0.25, np.inf, -seen * unit / 0.5, 0.0))
    estimate = Estimate(value * unit, unknown * unit, 0.0, 0.0, rungs=rungs)
    look.tested.columns.claims[0] = value * unit + off * seen * unit / 4
    found = module._in_a_wave(look, estimate)
    assert (found is not None) is speaks
    assert not speaks or found.uncertainty == pytest.approx(abs(off) * seen * unit / 4)


@pytest.mark.parametrize(("part", "calls"), [(0.9, 4), (1.1, 2)])
def test_units_are_looked_for_where_a_unit_would_excuse_the_claim(part, calls):
    """Over how far the entry goes; else two calls are saved."""
    unit = 2.0**-50
    look, still = looked_at(lambda x: unit * float(abs(x[0] - 4) > 0.4), np.array([part * unit / 4]), np.array([4.0]))
    before = look.tested.subject.evaluations
    assert (last_digits(look, replace(still, value=0.0)) is not None) == (calls > 2)
    assert look.tested.subject.evaluations - before == calls
