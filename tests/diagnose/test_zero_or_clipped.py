"""Is a claim recognised that is zero, clipped, or no number?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import E, changed, spoilt, suspect

from gradcheck._diagnose import zero_or_clipped as patterns
from gradcheck._diagnose.cause import Slip

LIMITED = np.clip(E, -0.5, 0.5)

CASES = {
    "nan": (patterns.not_finite, suspect(changed((2, 1), np.nan)), Slip.NOT_FINITE, "1 of 25 claims are not finite"),
    "zero": (patterns.zero, suspect(0 * E), Slip.ZERO, "claimed zero throughout"),
    "a row zero": (patterns.zero_in_part, suspect(changed(2, 0)), Slip.ZERO_IN_PART, "zero in row 2 alone"),
    "clipped": (patterns.clipped, suspect(LIMITED), Slip.CLIPPED, "the measured gradient, clipped at 0.5"),
    "absolute": (patterns.clipped, suspect(np.abs(E)), Slip.CLIPPED, "the absolute value"),
    "signs": (patterns.clipped, suspect(0.3 * np.sign(E)), Slip.CLIPPED, "0.3 times the sign"),
    "unlimited": (patterns.unlimited, suspect(E, LIMITED), Slip.UNLIMITED, "a clip is forgotten"),
    "sizes": (patterns.unlimited, suspect(E, 0.3 * np.sign(E)), Slip.UNLIMITED, "a size where a sign is meant"),
}


@pytest.mark.parametrize(
    ("claim", "words"),
    [(0.0, "a finite slope claimed in one entry"), (-np.inf, "the other sign claimed"), (np.nan, "nan claimed in one")],
)
def test_an_infinite_slope_is_named(claim, words):
    """With what is claimed in its place; where another entry is wrong as well, that is what is asked about."""
    right = changed((2, 1), np.inf)
    found = patterns.infinite_slope(suspect(changed((2, 1), claim), right))
    assert found.kind is Slip.INFINITE_SLOPE
    assert words in found.sentence
    assert "where the slope is infinite" in found.sentence
    also = changed((2, 1), claim)
    also[0, 0] = np.nan
    assert patterns.infinite_slope(suspect(also, right)) is None
    assert "1 of 25" in patterns.not_finite(suspect(also, right)).sentence


@pytest.mark.parametrize("name", CASES)
def test_it_is_named(name):
    """By kind, and in words."""
    pattern, evidence, kind, words = CASES[name]
    found = pattern(evidence)
    assert found.kind is kind
    assert words in found.sentence


@pytest.mark.parametrize("name", [name for name in CASES if name not in ("nan", "zero", "sizes")])
def test_nearly_that_is_not(name):
    """Nothing is guessed."""
    pattern, evidence, *_ = CASES[name]
    assert pattern(spoilt(evidence)) is None


def test_one_entry_is_enough_not_to_be():
    """Zero throughout, or of the right signs."""
    one = 0 * E
    one[0, 0] = 1e-9
    assert patterns.zero(suspect(one)) is None
    assert patterns.unlimited(suspect(E * np.where(np.arange(25).reshape(5, 5) == 7, -1, 1), 0.3 * np.sign(E))) is None


@pytest.mark.parametrize("pattern", [patterns.not_finite, patterns.zero, patterns.clipped, patterns.unlimited])
def test_a_factor_is_none_of_these(pattern):
    """Twice the gradient."""
    assert pattern(suspect(2 * E)) is None
