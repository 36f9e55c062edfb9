"""Is a factor read as a number that is known, and no other number taken for one?"""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._diagnose.units import unit

KNOWN = {
    "degrees for radians": [(np.pi / 180, "pi/180"), (180 / np.pi, "180/pi")],
    "a logarithm to base 2": [(np.log(2), "ln 2"), (1 / np.log(2), "1/ln 2")],
    "a logarithm to base 10": [(np.log(10), "ln 10"), (1 / np.log(10), "1/ln 10")],
    "decibels": [(10 / np.log(10), "10/ln 10")],
    "days for years": [(1 / 365, "1/365"), (365.25, "365.25"), (252, "252")],
    "days for seconds": [(86400, "86400")],
    "calories for joules": [(4.184, "4.184"), (1 / 4.184, "1/4.184")],
    "kilo, or milli": [(1000, "1000"), (1e-3, "1/1000")],
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


@pytest.mark.parametrize("ratio", [1.37, 3.0, 7.0, 0.69, 2.3026, 627.4, 27.3, 1000.01, 57.3])
def test_another_number_is_none_of_them(ratio):
    """Near is not enough: a constant of mathematics has all its digits."""
    assert unit(ratio) is None
