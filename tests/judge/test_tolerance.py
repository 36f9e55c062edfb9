"""What does not matter, and what is known well enough, in every dtype and at every size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from estimates import DEFAULT, EPS32, known
from hypothesis import given
from hypothesis import strategies as st

from gradcheck._judge import tolerance
from gradcheck._judge.tolerance import Slack, Standard
from gradcheck._judge.verdict import judge
from gradcheck._results.floating import HALF
from gradcheck._results.verdict import Verdict


def test_the_default_tolerance_is_half_a_millionth():
    """So that an error of a millionth, which matters, lies outside by as much again."""
    assert DEFAULT.tolerance(1.0) == pytest.approx(5e-7, rel=1e-6)
    assert judge(DEFAULT, 1 + 1e-6, known(1.0, 4e-7)) is Verdict.WRONG


@pytest.mark.parametrize(("claim", "verdict"), [(1.02, Verdict.WRONG), (1.004, Verdict.CORRECT)])
def test_a_wider_rtol_lets_more_pass(claim, verdict):
    """With rtol=1e-2 an error of two per cent is wrong, and one of less than half of one is not."""
    assert judge(Standard(rtol=1e-2), claim, known(1.0, 1e-4)) is verdict
    assert judge(DEFAULT, claim, known(1.0, 1e-4)) is Verdict.WRONG


def test_a_narrow_rtol_asks_for_more():
    """With rtol=1e-9 an uncertainty of 1e-7 no longer shows anything; by default it does."""
    assert judge(Standard(rtol=1e-9), 1.0, known(1.0, 1e-7)) is Verdict.UNDECIDED
    assert judge(Standard(rtol=1e-9), 1.0 + 1e-8, known(1.0, 1e-10)) is Verdict.WRONG
    assert judge(DEFAULT, 1.0, known(1.0, 1e-7)) is Verdict.CORRECT


def test_a_claim_in_single_precision_may_be_rounded():
    """By some units in the last place, of itself and of the tensor's largest entry; by no more."""
    single = Standard(rounding=EPS32, largest=1.0)
    assert judge(single, 1.0 + 20 * EPS32, known(1.0)) is Verdict.CORRECT
    assert judge(single, 1.0 + 100 * EPS32, known(1.0)) is Verdict.WRONG
    assert judge(single, 1e-3 + 10 * EPS32, known(1e-3)) is Verdict.CORRECT
    assert judge(Standard(rounding=EPS32), 1e-3 + 10 * EPS32, known(1e-3)) is Verdict.WRONG


def test_small_entries_may_be_known_less_well():
    """An entry below a hundredth of the largest, of floats a tenth, is held to a hundredth of that."""
    assert judge(Standard(largest=1.0), 1e-4, known(1e-4, 5e-5)) is Verdict.CORRECT
    assert judge(Standard(largest=1e-1), 1e-4, known(1e-4, 5e-5)) is Verdict.UNDECIDED
    assert judge(Standard(largest=1e-1, rounding=EPS32), 1e-4, known(1e-4, 5e-5)) is Verdict.CORRECT


def test_what_is_relative_to_what():
    """An uncertainty to the entry, a small one to a hundredth of the largest; by `stretch` to less than that."""
    assert np.array_equal(Standard(largest=1.0).against(np.array([0.5, 1e-4])), [0.5, 0.01])
    assert Standard(largest=1.0).against(1e-4, stretch=1e3) == 1e-4


def test_what_rounding_makes_of_a_claim():
    """Some units in the last place of itself, and of the largest."""
    assert Standard(rounding=EPS32, largest=1.0).rounded(np.array(0.5)) == pytest.approx(32 * EPS32)
    # Of the largest by so much less as the entry's own step is larger: it moves f as much with a smaller slope.
    assert Standard(rounding=EPS32, largest=4.0).rounded(np.array(0.5), stretch=2) == pytest.approx(48 * EPS32)


@given(st.lists(st.floats(0, 10), min_size=1, max_size=5), st.floats(0, 1e-2))
def test_whole_columns_are_judged_alike(column, uncertainty):
    """Tolerance and sharpness of an array are those of its entries."""
    array = np.array(column)
    standard = Standard(rtol=1e-4, rounding=EPS32, largest=3.0)
    assert np.array_equal(standard.tolerance(array), [standard.tolerance(x) for x in column])
    assert np.array_equal(standard.sharp(uncertainty, array), [bool(standard.sharp(uncertainty, x)) for x in column])


def test_in_half_precision_an_error_as_large_as_the_entry_is_seen():
    """A quarter of the uncertainty and what does not matter say which: an entry that hides more says nothing."""
    half = Standard(rounding=HALF, largest=1.0)
    allowed = float(half.tolerance(0.1))
    assert half.seen(0.2, 0.1) == pytest.approx(0.05 + allowed)
    assert half.sharp(0.2, 0.1)
    assert half.sharp(0.2, 0.1, largest=1e6) == half.sharp(0.2, 0.1)  # however steep the stairs seem
    assert not half.sharp(0.4, 0.1)
    assert not Standard(rounding=EPS32, largest=1.0).sharp(0.2, 0.1)


def test_what_the_user_calls_small_enough_is_asked_of_the_uncertainty():
    """In half precision as in any other."""
    assert Standard(rtol=1e-2, rounding=HALF).sharp(0.009, 1.0)
    assert not Standard(rtol=1e-2, rounding=HALF).sharp(0.011, 1.0)


def test_a_claim_is_doubted_in_half_precision_before_it_is_wrong():
    """Elsewhere the uncertainty is no more than what noise and bends explain."""
    assert Standard(rounding=HALF).doubted(0.4) == 0.1
    assert Standard(rounding=EPS32).doubted(0.4) == 0.4
    assert Standard(rounding=EPS32).seen(0.4, 1.0) == pytest.approx(0.4 + 32 * EPS32)


def test_what_is_no_larger_than_nothing_is_nothing():
    """Both the claims of a tensor and what is known of an entry: at the very limit they are zero."""
    beside = Standard(largest=1e-9, elsewhere=1.0)
    assert beside.negligible == 1e-9
    assert beside.nothing(np.array(1e-9))
    assert not beside.nothing(np.array(2e-9))
    assert not replace(beside, largest=2e-9).nothing(np.array(1e-9))


def test_what_a_caller_allows_is_a_sum():
    """An absolute part, and one of the largest of the slopes; beside no slope and by default nothing."""
    assert Slack(atol=1.0, rtol=0.1).of(2.0, -5.0) == 1.5
    assert Slack().of(2.0, -5.0) == 0.0


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 65_536])
@pytest.mark.parametrize("where", range(6))
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_largest_claim_is_found_wherever_it_stands(piece, where, sign, monkeypatch):
    """In whichever piece, of any shape; those that are not finite do not count, and of zeros it is zero."""
    monkeypatch.setattr(tolerance, "PIECE", piece)
    claims = np.array([0.25, -0.5, 0.125, np.nan, 0.0, np.inf])
    assert tolerance.largest_of(claims) == pytest.approx(0.5)
    claims[where] = sign * 0.75
    assert tolerance.largest_of(claims.reshape(2, 3)) == 0.75
    assert tolerance.largest_of(np.zeros(4)) == 0.0


def test_claims_are_looked_at_in_pieces_of_half_a_megabyte(monkeypatch):
    """Whole columns of them are not made anew."""
    sizes = []
    absolute = np.abs
    monkeypatch.setattr(tolerance.np, "abs", lambda part: sizes.append(part.size) or absolute(part))
    tolerance.largest_of(np.zeros(150_000))
    assert sizes == [65_536, 65_536, 150_000 - 2 * 65_536]


def test_the_error_that_would_have_been_seen_is_that_of_a_typical_entry():
    """Unless an entry is said to be larger."""
    standard = Standard(largest=1.0)
    assert standard.seen(0.0, 0.0) == standard.seen(0.0, 0.0, 1.0) == 2 * standard.seen(0.0, 0.0, 2.0) > 0
