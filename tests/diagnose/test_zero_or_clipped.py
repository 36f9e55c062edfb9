"""Is a claim recognised that is zero, clipped, or no number?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import E, changed, same_in_any_unit, spoilt, suspect

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
    assert same_in_any_unit(pattern, evidence)


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


@pytest.mark.parametrize(("entries", "told"), [(2, False), (3, True)])
def test_three_entries_show_a_clip_or_a_sign(entries, told):
    """And two of either sign, that there is a sign to lose."""
    right = np.array([1.0, -2.0, 3.0])[:entries]
    assert patterns.unlimited(suspect(right, 0.5 * np.sign(right))) is None
    five = np.array([1.0, -2.0, 3.0, -0.5])
    assert patterns.unlimited(suspect(five, 0.3 * np.sign(five))) is not None
    beyond = np.array([1.0, 2.0, 3.0])[:entries]
    claim, held = np.append(beyond, 0.2), np.append(np.full(entries, 0.5), 0.2)
    assert (patterns.unlimited(suspect(claim, held)) is not None) is told
    assert patterns.unlimited(suspect(beyond, np.full(entries, 0.5))) is None


@pytest.mark.parametrize("right", [[3.0, 3.0, 0.0, 3.0], [3.0, -3.0, 3.0, -3.0]], ids=["a mask", "signs"])
def test_what_is_of_one_size_is_not_clipped(right):
    """It is multiplied by a factor, as the mean over a mask is; where one entry is larger it is clipped."""
    right = np.array(right)
    assert patterns.clipped(suspect(right / 2, right)) is None
    larger = right + np.array([2.0, 0.0, 0.0, 0.0])
    assert patterns.clipped(suspect(right / 2, larger)) is not None


@pytest.mark.parametrize(("minus", "told"), [(1, False), (2, True)])
def test_of_two_entries_of_either_sign_it_may_be_lost(minus, told):
    """Where all have one, it is a factor."""
    right = np.array([1.0, 2.0, 3.0, 4.0, 5.0]) * np.where(np.arange(5) < minus, -1, 1)
    assert (patterns.clipped(suspect(np.abs(right), right)) is not None) is told
    of_sign = patterns.clipped(suspect(0.3 * np.sign(right), right)).sentence
    assert of_sign.startswith("0.3 times the sign" if told else "the measured gradient, clipped at 0.3")
    assert (patterns.clipped(suspect(np.abs(right), -right)) is not None) is told
    assert patterns._both_signs(right) is patterns._both_signs(-right) is told


@pytest.mark.parametrize(("cut", "told"), [(1, False), (2, True)])
def test_two_entries_at_the_bound_are_clipped(cut, told):
    """One is the largest."""
    right = np.array([5.0, -4.0, 0.5, 0.25, 0.125]) if cut == 2 else np.array([5.0, -0.4, 0.5, 0.25, 0.125])
    found = patterns.clipped(suspect(np.clip(right, -1, 1), right))
    assert (found is not None) is told
    assert not told or found.sentence == "the measured gradient, clipped at 1"
    assert patterns.clipped(suspect(np.where(np.arange(5) == 4, np.nan, np.clip(right, -1, 1)), right)) is None
    assert patterns.clipped(suspect([1.0, -1.0], [2.0, -3.0])) is None


def test_beyond_the_limit_all_claims_are_larger():
    """And what is right lies within; a sign of the other kind, or claims that are one, are other mistakes."""
    held = np.array([0.5, -0.5, 0.5, 0.2])
    assert patterns.unlimited(suspect([1.0, -2.0, 3.0, 0.2], held)).sentence.startswith("beyond ±0.5 the measured")
    assert patterns.unlimited(suspect([1.0, 2.0, 3.0, 0.2], held)) is None
    assert patterns.unlimited(suspect([1.0, -1.0, 1.0, 0.2], held)) is None
    assert patterns.unlimited(suspect([0.3, -2.0, 3.0, 0.2], held)) is None
    assert patterns.unlimited(suspect([1.0, -2.0, 3.0, 0.5], [0.5, -0.5, 0.5, 0.5])) is None
    signs = np.array([0.5, -0.5, 0.5, -0.5])
    assert "a size where a sign is meant" in patterns.unlimited(suspect([1.0, -2.0, 3.0, -4.0], signs)).sentence
    assert patterns.unlimited(suspect([1.0, -2.0, 3.0, -4.0], 0 * signs)) is None


def test_zero_is_zero_in_every_entry_that_was_measured():
    """Or in every wrong one; a bias or a weight is not held on purpose, and another tensor may be."""
    assert "wrt=" not in patterns.zero(suspect(0 * E)).sentence
    assert "wrt=" not in patterns.zero(suspect(0 * E, kind="bias")).sentence
    assert "leave it out with wrt=" in patterns.zero(suspect(0 * E, kind="input")).sentence
    assert patterns.zero(suspect(changed((slice(1), 0), 0.0) * 0 + (np.arange(5) == 4))) is None
    two = changed((0, 0), 0.0)
    two[2, 3] = 0.0
    assert "zero in 2 entries where the function moves" in patterns.zero_in_part(suspect(two)).sentence
    two[1, 1] = 1e-3
    assert patterns.zero_in_part(suspect(two)) is None


@pytest.mark.parametrize(("below", "both"), [(1, False), (2, True), (3, True), (4, False)])
def test_two_of_either_sign_show_that_signs_are_lost(below, both):
    """One of five may be off by itself."""
    assert patterns._both_signs(np.where(np.arange(5) < below, -1.0, 1.0)) is both
    assert not patterns._both_signs(np.array([1.0, 1.0, 0.0, 0.0, -1.0]))
    assert not patterns._both_signs(np.array([-1.0, -1.0, 0.0, 0.0, 1.0]))
