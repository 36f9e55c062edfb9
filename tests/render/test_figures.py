"""How numbers are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcheck._render.figures import count, number, pair, plural, power, sentence, short
from gradcheck._results.estimate import Entry
from gradcheck._results.verdict import Verdict


def entry(claim, estimate, uncertainty):
    return Entry("W", (0,), claim, estimate, uncertainty, estimate, estimate, Verdict.WRONG)


@pytest.mark.parametrize(
    ("claim", "estimate", "uncertainty", "claimed", "measured"),
    [
        (-0.158096, -0.079048123456, 7.12e-11, "-0.158096", "-0.0790481 ± 7e-11"),
        (1.0, 1.00001234567, 1e-12, "1", "1.000012 ± 1e-12"),
        (1.0, 1.0000001, 1e-12, "1", "1.0000001 ± 1e-12"),
        (3.0, 3.14159, 0.02, "3", "3.14 ± 0.02"),
        (0.0, 3.3e-12, 7e-11, "0", "3e-12 ± 7e-11"),
        (123456.0, 0.0, 1e-9, "123456", "0 ± 1e-9"),
        (1.5e-300, 2.5e-300, 0.0, "1.5e-300", "2.5e-300 ± 0"),
        (float("nan"), 1.0, float("inf"), "nan", "1 ± inf"),
        (float("-inf"), float("nan"), float("nan"), "-inf", "nan ± nan"),
        (1.0, float("inf"), 0.0, "1", "inf"),
        (0.1, 99.96, 0.4, "0.1", "100 ± 0.4"),
    ],
)
def test_an_estimate_has_the_digits_that_it_deserves(claim, estimate, uncertainty, claimed, measured):
    """One digit of uncertainty, an estimate to match, and both tell claim from measurement."""
    assert pair(entry(claim, estimate, uncertainty)) == (claimed, measured)


@given(st.floats(1e-200, 1e200), st.floats(1e-6, 10), st.booleans())
def test_what_differs_looks_different(value, relative, negative):
    """A discrepancy that can be wrong at all can be read off the two numbers."""
    estimate = -value if negative else value
    claimed, measured = pair(entry(estimate * (1 + relative), estimate, value * relative / 100))
    assert claimed != measured.split()[0]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.11e9, "1e9"),
        (0.0790481, "0.079"),
        (0.5, "0.5"),
        (1.0, "1"),
        (99.4, "99"),
        (3e-11, "3e-11"),
        (0.00099, "0.001"),
        (123.0, "1e2"),
        (float("inf"), "inf"),
    ],
)
def test_a_size_is_short(value, expected):
    """Two digits where they can be pictured, else the power of ten."""
    assert short(value) == expected


def test_words_and_counts():
    """Thousands have commas; one of a thing has no s; a step is a power of ten."""
    assert count(20_000) == "20,000"
    assert plural(1, "gradient") == "1 gradient"
    assert plural(0, "gradient") == "0 gradients"
    assert power(0.001) == "1e-3"
    assert power(9.77e-4) == "1e-3"
    assert number(1e-5, 6) == "1e-5"
    assert sentence("ends here") == "Ends here."
    assert sentence("Why?") == "Why?"
