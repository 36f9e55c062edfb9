"""Is a factor read as a number that is known, and no other number taken for one?"""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import check_gradients
from gradcheck._diagnose.units import round_unit, unit

KNOWN = {
    "degrees for radians": [(np.pi / 180, "pi/180"), (180 / np.pi, "180/pi")],
    "a logarithm to base 2": [(np.log(2), "ln 2"), (1 / np.log(2), "1/ln 2")],
    "a logarithm to base 10": [(np.log(10), "ln 10"), (1 / np.log(10), "1/ln 10")],
    "decibels": [(10 / np.log(10), "10/ln 10")],
    "days for years": [(365.25, "365.25"), (1 / 365.25, "1/365.25")],
    "calories for joules": [(4.184, "4.184"), (1 / 4.184, "1/4.184")],
    "kcal/mol for hartree": [(627.5, "627.5095"), (627.5094740631, "627.5095")],
    "eV for hartree": [(27.2114, "27.21139"), (1 / 27.211386245988, "1/27.21139")],
    "kcal/mol for eV": [(627.5 / 27.2114, "23.06055"), (23.0605, "23.06055")],
    "kJ/mol for hartree": [(2625.5, "2625.5")],
    "kJ/mol for eV": [(96.485, "96.485")],
    "bohr for ångström": [(1.8897259886, "1.889726"), (0.529177, "1/1.889726")],
    "eV per ångström for hartree per bohr": [(51.42208619, "51.42207")],
}


@pytest.mark.parametrize(
    ("meaning", "ratio", "number"), [(words, *case) for words, cases in KNOWN.items() for case in cases]
)
def test_the_number_and_the_unit_are_named(meaning, ratio, number):
    """As it is usually written down, and its quotients."""
    assert meaning in unit(ratio)
    assert unit(ratio).startswith(number)


@pytest.mark.parametrize(
    ("meaning", "ratio"), [("kilo, or milli", 1e-3), ("per cent", 100.0), ("days for years", 365.0), ("mega", 1e6)]
)
def test_a_round_number_may_be_that_of_a_unit(meaning, ratio):
    """As it may be much else, which is told first."""
    assert meaning in round_unit(ratio)
    assert meaning in round_unit(1 / ratio)
    assert (unit(ratio), round_unit(1.00001 * ratio)) == (None, "")


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        (lambda x: 100 * np.cos(x), "100 is the first axis of x"),
        (lambda x: -1000 * np.cos(x), "wrong sign, and a constant factor wrong or forgotten, as of a unit: kilo, or "),
        (lambda x: 3600 * np.cos(x), "a constant factor wrong or forgotten, as of a unit: hours for seconds"),
        (lambda x: 7 * np.cos(x), "a constant factor wrong or forgotten"),
    ],
)
def test_a_round_number_is_told_of_several_entries_if_it_is_nothing_else(claim, said):
    """Of one entry any number is the factor."""
    x = np.linspace(0.1, 2, 100)
    told = check_gradients(lambda x: np.sum(np.sin(x)), x, grad=claim).diagnosis
    assert f"the measured value: {said}" in told[0]
    assert ("unit" in told[0], "(or" in told[0]) == ("unit" in said, False)
    assert "unit" not in str(check_gradients(np.sin, 0.7, grad=claim).diagnosis)


@pytest.mark.parametrize(("off", "named"), [(2.5e-5, True), (4e-5, False)])
def test_a_measured_constant_has_five_digits(off, named):
    """Values of it that are commonly used are as far apart, as 627.51 and 627.5."""
    for number in (627.5095, 1 / 627.5095, 1 / 0.529177211, 27.2113862 / 0.529177211):
        assert bool(unit(number * (1 + off))) is named
        assert bool(unit(number * (1 - off))) is named


@pytest.mark.parametrize("ratio", [1.37, 3.0, 7.0, 0.69, 2.3026, 627.4, 27.3, 1000.01, 57.3])
def test_another_number_is_none_of_them(ratio):
    """Near is not enough: a constant of mathematics has all its digits."""
    assert unit(ratio) is None
