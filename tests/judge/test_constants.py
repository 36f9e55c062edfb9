"""Where is each line drawn? A case on either side of it, closer than a factor of two."""

from __future__ import annotations

import pytest

from gradcheck._judge.tolerance import Standard
from gradcheck._judge.verdict import judge
from gradcheck._results.estimate import Estimate
from gradcheck._results.verdict import Verdict

DOUBLE, SINGLE, BRAIN = 2.0**-52, 2.0**-23, 2.0**-7  # the rounding of float64, float32 and bfloat16


def known(value, uncertainty=1e-12, scale=None):
    return Estimate(value, uncertainty, value, value, scale=abs(value) if scale is None else scale)


def accused(claim, value, **standard):
    return judge(Standard(**standard), claim, known(value)) is Verdict.WRONG


@pytest.mark.parametrize(("off", "wrong"), [(4e-7, False), (6e-7, True)])
def test_half_of_a_millionth_does_not_matter(off, wrong):
    """An error of a millionth is then found whichever way the uncertainty lies."""
    assert accused(1 + off, 1.0, largest=1.0) is wrong


@pytest.mark.parametrize(("off", "wrong"), [(3e-6, False), (5e-6, True)])
def test_a_claim_in_float32_may_be_off_by_thirty_roundings(off, wrong):
    """Of its own size, where no other entry of its tensor is larger."""
    assert accused(1 + off, 1.0, rounding=SINGLE) is wrong


@pytest.mark.parametrize(("claim", "wrong"), [(1.5e-6, False), (2.5e-6, True)])
def test_a_small_claim_in_float32_may_be_lost_in_the_rounding_of_the_largest(claim, wrong):
    """It may be the sum of terms as large: sixteen of their roundings."""
    assert accused(claim, 0.0, rounding=SINGLE, largest=1.0) is wrong


def test_in_double_nothing_is_allowed_for_the_rounding_of_the_largest():
    """What matters there is measured, when a claim is about to be accused."""
    assert Standard(rounding=DOUBLE, largest=1.0).tolerance(0.0) == 0


@pytest.mark.parametrize(("off", "wrong"), [(0.15, False), (0.22, True)])
def test_a_fifth_of_an_entry_matters_in_any_precision(off, wrong):
    """In bfloat16 thirty roundings are a quarter; no more than an eighth, and half of one, is allowed."""
    assert accused(1 + off, 1.0, rounding=BRAIN, largest=1.0) is wrong


@pytest.mark.parametrize(("claim", "wrong"), [(0.03, False), (0.05, True)])
def test_a_small_claim_in_bfloat16_is_lost_in_a_thirtieth_of_the_largest(claim, wrong):
    """Sixteen roundings would be four times that, and let half of a quarter of the largest pass."""
    assert accused(claim, 0.0, rounding=BRAIN, largest=1.0) is wrong


@pytest.mark.parametrize(("uncertainty", "verdict"), [(0.008, Verdict.CORRECT), (0.015, Verdict.UNDECIDED)])
def test_an_entry_must_be_known_to_a_hundredth(uncertainty, verdict):
    """Less decides nothing."""
    assert judge(Standard(largest=1.0), 1.0, known(1.0, uncertainty)) is verdict


@pytest.mark.parametrize(
    ("rounding", "uncertainty", "verdict"),
    [
        (DOUBLE, 8e-5, Verdict.CORRECT),
        (DOUBLE, 1.5e-4, Verdict.UNDECIDED),
        (SINGLE, 8e-4, Verdict.CORRECT),
        (SINGLE, 1.5e-3, Verdict.UNDECIDED),
    ],
)
def test_a_small_entry_must_be_known_to_a_part_of_the_largest(rounding, uncertainty, verdict):
    """As if it were a hundredth as large, or in less than double precision a tenth."""
    assert judge(Standard(largest=1.0, rounding=rounding), 1e-5, known(1e-5, uncertainty)) is verdict


@pytest.mark.parametrize(
    ("claim", "rounding", "verdict"),
    [
        (8e-10, DOUBLE, Verdict.CORRECT),
        (1.5e-9, DOUBLE, Verdict.UNDECIDED),
        (6e-6, SINGLE, Verdict.CORRECT),
        (1e-5, SINGLE, Verdict.UNDECIDED),
    ],
)
def test_what_is_a_billionth_of_others_is_nothing(claim, rounding, verdict):
    """Or 64 roundings of what moves f elsewhere."""
    beside = Standard(elsewhere=1.0, rounding=rounding, hollow=True)
    assert judge(beside, claim, known(0.0, max(claim, 1e-8), scale=0.0)) is verdict


@pytest.mark.parametrize(("scale", "verdict"), [(3.5e-8, Verdict.CORRECT), (6e-8, Verdict.UNDECIDED)])
def test_what_was_seen_to_move_f_by_four_uncertainties_is_something(scale, verdict):
    """It is not excused by what moves f elsewhere."""
    assert judge(Standard(elsewhere=1.0, hollow=True), 1e-12, known(0.0, 1e-8, scale=scale)) is verdict


@pytest.mark.parametrize(("uncertainty", "verdict"), [(8e-7, Verdict.CORRECT), (1.5e-6, Verdict.UNTESTED)])
def test_nothing_must_be_known_to_a_millionth_of_others(uncertainty, verdict):
    """Else it was not tested."""
    assert judge(Standard(elsewhere=1.0, hollow=True), 1e-12, known(0.0, uncertainty, scale=0.0)) is verdict
