"""Claim against estimate: every road to every verdict, by numbers alone."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from estimates import DEFAULT, kink, known
from hypothesis import given
from hypothesis import strategies as st

from gradcheck._judge.tolerance import Slack, Standard
from gradcheck._judge.verdict import judge
from gradcheck._results.estimate import Estimate
from gradcheck._results.verdict import Verdict


@pytest.mark.parametrize(
    ("claim", "estimate"),
    [
        (2.0, known(1.0)),
        (-1.0, known(1.0)),
        (0.0, known(1.0)),
        (1.0, known(0.0)),
        (1.0 + 1e-5, known(1.0)),
        (1e-7, known(2e-7, 1e-15)),
        (0.9, known(1.0, 0.05)),
        (1.0 + 1e-6, known(1.0, 0.0)),
        (-0.1, kink(0.0, 1.0)),
        (1.1, kink(0.0, 1.0)),
        (1.1, kink(1.0, 0.0)),
    ],
)
def test_a_wrong_claim_is_wrong(claim, estimate):
    """Outside by more than uncertainty and tolerance: a factor, a sign, a zero, outside of a kink's two slopes."""
    assert judge(Standard(largest=abs(estimate.value)), claim, estimate) is Verdict.WRONG


@pytest.mark.parametrize("claim", [math.nan, math.inf, -math.inf])
def test_a_claim_that_is_not_finite_is_wrong(claim):
    """Where the slope is known, at a kink too."""
    assert judge(DEFAULT, claim, known(1.0)) is Verdict.WRONG
    assert judge(DEFAULT, claim, kink(0.0, 1.0)) is Verdict.WRONG


@pytest.mark.parametrize(
    ("claim", "estimate"),
    [
        (1.0, known(1.0)),
        (1.0 + 1e-10, known(1.0, 1e-9)),
        (1.0 + 4e-7, known(1.0)),
        (0.0, known(1e-12, 1e-11)),
        (1e-8, known(1e-8, 1e-15)),
    ],
)
def test_a_right_claim_is_correct(claim, estimate):
    """Within the uncertainty, and the uncertainty small enough to matter."""
    assert judge(DEFAULT, claim, estimate) is Verdict.CORRECT


@pytest.mark.parametrize("claim", [0.0, 0.5, 1.0])
def test_a_legal_subgradient_is_not_judged(claim):
    """From the one slope to the other, ends included, in either order."""
    assert judge(DEFAULT, claim, kink(0.0, 1.0)) is Verdict.KINK
    assert judge(DEFAULT, -claim, kink(0.0, -1.0)) is Verdict.KINK


@pytest.mark.parametrize("claim", [0.0, 1.0, math.nan])
def test_a_jump_is_broken(claim):
    """Whatever is claimed, f is not continuous here."""
    assert judge(DEFAULT, claim, Estimate(math.nan, math.inf, 1.0, 1.0, jump=True)) is Verdict.BROKEN


def test_without_an_estimate_nothing_is_decided():
    """A finite claim is undecided; of two sides that are both no numbers there is nothing to compare."""
    assert judge(DEFAULT, 1.0, known(math.nan, math.inf)) is Verdict.UNDECIDED
    assert judge(DEFAULT, math.nan, known(math.nan, math.inf)) is Verdict.BROKEN
    assert judge(DEFAULT, 1.0, kink(0.0, math.nan)) is Verdict.UNDECIDED


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_an_infinite_slope_is_that_infinity_and_nothing_else(sign):
    """A finite claim is wrong if a step went beyond it, or if none ever could; between the two nothing is known."""
    endless = known(sign * math.inf, 0.0, reached=sign * 1e7, furthest=sign * 1e160)
    assert judge(DEFAULT, sign * math.inf, endless) is Verdict.CORRECT
    for claim in (0.0, 1e6, 1e200, -1e3, -math.inf, math.nan):
        assert judge(DEFAULT, sign * claim, endless) is Verdict.WRONG
    assert judge(DEFAULT, sign * 1e8, endless) is Verdict.UNDECIDED


def test_a_kink_may_have_infinite_slopes():
    """At a cusp anything lies between them but nan; a finite side binds as ever, whatever the caller allows."""
    for claim in (0.0, -1e300, math.inf):
        assert judge(DEFAULT, claim, kink(-math.inf, math.inf)) is Verdict.KINK
    assert judge(DEFAULT, math.nan, kink(-math.inf, math.inf)) is Verdict.WRONG
    for claim, verdict in (
        (1.0, Verdict.KINK),
        (math.inf, Verdict.KINK),
        (0.9, Verdict.WRONG),
        (-math.inf, Verdict.WRONG),
    ):
        assert judge(Standard(slack=Slack(rtol=1e-3)), claim, kink(1.0, math.inf)) is verdict


@pytest.mark.parametrize("claim", [1.0, 1.3, 1e-6])
def test_what_is_known_too_badly_is_undecided(claim):
    """A claim within an uncertainty of half the entry is neither right nor wrong."""
    assert judge(DEFAULT, claim, known(1.0, 1.5)) is Verdict.UNDECIDED


@pytest.mark.parametrize(
    "estimate",
    [known(0.0, 0.0, flat=True), known(0.0, 1e-30), known(0.0, math.inf, flat=True)],
    ids=["did not move", "sharp", "did not move, at any step"],
)
def test_zero_on_both_sides_is_untested(estimate):
    """Nothing at this point exercises the entry: it is not correct."""
    assert judge(DEFAULT, 0.0, estimate) is Verdict.UNTESTED


def test_no_slope_of_larger_steps_makes_small_what_is_large_beside_the_claims():
    """An exponential that is 1e98 a step away says little of an uncertainty of 0.001, where no claim exceeds one."""
    for uncertainty, verdict in ((7e-4, Verdict.CORRECT), (1.5e-3, Verdict.UNDECIDED)):
        assert judge(DEFAULT, 0.0, known(1e-4, uncertainty, scale=1e98)) is verdict
    assert judge(Standard(), 0.0, known(1e-8, 1e-7, scale=1.0)) is Verdict.CORRECT  # zero is all that is claimed


def test_zero_within_the_noise_of_a_moving_function_is_not_untested():
    """A slope that merely is small was measured: it is correct where sharp, and undecided where not."""
    assert judge(DEFAULT, 0.0, known(1e-14, 1e-13)) is Verdict.CORRECT
    assert judge(Standard(), 0.0, known(1e-14, 1e-13, scale=1e-12)) is Verdict.UNDECIDED


@pytest.mark.parametrize("estimate", [known(1.0, 1.5), known(1e-14, 1e-13)])
def test_a_claim_of_zero_in_the_noise_is_undecided(estimate):
    """Where no other tensor moves f, an entry that the noise hides is not one that nothing exercises."""
    assert judge(Standard(), 0.0, estimate) is Verdict.UNDECIDED


def test_a_tensor_that_moves_nothing_beside_others_that_do():
    """The bias before a batch norm: zero as far as anybody can see, unless one cannot see far.

    If what is claimed is no rounding, it is the small gradient of a tensor that nothing can be seen of.
    """
    beside = Standard(largest=1e-17, elsewhere=1.0, hollow=True)
    assert judge(replace(beside, hollow=False), 1e-17, known(3e-12, 1e-11)) is Verdict.UNTESTED
    assert judge(beside, 1e-17, known(3e-12, 1e-11)) is Verdict.CORRECT
    assert judge(beside, 1e-17, known(3e-5, 1e-4)) is Verdict.UNTESTED
    assert judge(beside, 1e-17, known(1e-3, 1e-4)) is Verdict.WRONG
    assert judge(Standard(largest=1e-17, elsewhere=0.0), 1e-17, known(3e-12, 1e-11)) is Verdict.UNDECIDED


def test_a_slope_that_stands_out_of_the_noise_is_not_zero_beside_others():
    """If some step showed the entry to move f, it is not excused by what the others do."""
    assert judge(Standard(elsewhere=1.0), 0.0, known(0.0, 1e-11, scale=1e-9)) is Verdict.UNDECIDED


sizes = st.floats(1e-12, 1e12)
errors = st.floats(1e-5, 1e3)
signs = st.sampled_from([-1.0, 1.0])


@given(sizes, errors, signs, signs)
def test_no_scale_hides_a_wrong_claim(size, error, sign, way):
    """An error of more than a hundred-thousandth is wrong at any size, if the slope is known that well."""
    slope = sign * size
    estimate = known(slope, size * 1e-8)
    assert judge(Standard(largest=size), slope + way * error * size, estimate) is Verdict.WRONG


@given(sizes, st.floats(0, 5e-7), signs, st.floats(0, 9e-3))
def test_no_scale_accuses_a_right_claim(size, error, sign, uncertainty):
    """What differs by no more than uncertainty and half a millionth is correct at any size."""
    slope = sign * size
    claim = slope + 0.99 * size * (error + uncertainty)
    assert judge(Standard(largest=size), claim, known(slope, size * uncertainty)) is Verdict.CORRECT


@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3), st.floats(0, 1e3))
def test_within_the_uncertainty_nothing_is_wrong(claim, slope, more):
    """However large it is; so an accusation never rests on ignorance."""
    assert judge(DEFAULT, claim, known(slope, abs(claim - slope) + more)) is not Verdict.WRONG


def test_what_rounding_may_have_made_of_a_claim_is_allowed_besides():
    """The residue that was measured widens what is allowed, and so does what other right claims are off by."""
    assert judge(DEFAULT, 1.0 + 1e-5, known(1.0)) is Verdict.WRONG
    assert judge(DEFAULT, 1.0 + 1e-5, replace(known(1.0), residue=2e-5)) is Verdict.CORRECT
    assert judge(replace(DEFAULT, rough=2e-5), 1.0 + 1e-5, known(1.0)) is Verdict.CORRECT
    assert judge(DEFAULT, 1.0 + 3e-5, replace(known(1.0), residue=2e-5)) is Verdict.WRONG


@pytest.mark.parametrize("unit", [1e-3, 1e3])
def test_what_is_zero_beside_others_is_so_in_every_unit(unit):
    """What is nothing, and what must be known of it, are parts of what moves f elsewhere; at the very limit both hold.

    By default no claim counts for the rounding of zero: that is measured, or the entry was not tested.
    """
    beside = Standard(elsewhere=unit, hollow=True)
    for claim, uncertainty, verdict in (
        (1e-9, 1e-6, Verdict.CORRECT),
        (1e-9, 1.1e-6, Verdict.UNTESTED),
        (1.1e-9, 1e-6, Verdict.UNDECIDED),
    ):
        small = known(0.0, uncertainty * unit, scale=0.0)
        assert judge(beside, claim * beside.elsewhere, small) is verdict
    assert judge(Standard(elsewhere=unit), 1e-9 * unit, known(0.0, 1e-7 * unit, scale=0.0)) is Verdict.UNTESTED


@pytest.mark.parametrize(("scale", "verdict"), [(4e-8, Verdict.CORRECT), (4.01e-8, Verdict.UNDECIDED)])
def test_four_uncertainties_are_still_drowned(scale, verdict):
    """A slope that stands no further out of the noise was not seen to move f."""
    assert judge(Standard(elsewhere=1.0, hollow=True), 1e-12, known(0.0, 1e-8, scale=scale)) is verdict


@pytest.mark.parametrize("unit", [1e-3, 1e3])
def test_slopes_of_larger_steps_count_up_to_ten_of_the_largest_claim(unit):
    """In any units: a thousandth of ten is a hundredth of the largest, and known well enough."""
    for uncertainty, verdict in ((9e-4, Verdict.CORRECT), (1.1e-3, Verdict.UNDECIDED)):
        bends = known(1e-4 * unit, uncertainty * unit, scale=1e98)
        assert judge(Standard(largest=unit), 0.0, bends) is verdict


def test_what_a_step_has_reached_is_no_slope_that_has_no_end():
    """Nor is what the smallest step would show: both ends of what is unknown are wrong."""
    endless = known(math.inf, 0.0, reached=1e7, furthest=1e160)
    for claim in (1e7, 1e160):
        assert judge(DEFAULT, claim, endless) is Verdict.WRONG


@pytest.mark.parametrize("end", [-math.inf, math.inf])
def test_either_end_of_a_cusp_is_a_legal_claim(end):
    """Both are slopes of a side."""
    assert judge(DEFAULT, end, kink(-math.inf, math.inf)) is Verdict.KINK


@pytest.mark.parametrize(("off", "verdict"), [(0.1, Verdict.CORRECT), (0.3, Verdict.UNDECIDED), (0.7, Verdict.WRONG)])
def test_in_half_precision_a_part_of_the_uncertainty_is_no_error_and_not_right(off, verdict):
    """It allows for kinks that the noise hides: what is off by more than noise is looked at again."""
    assert judge(Standard(rounding=2.0**-10, largest=1.0), 1 + off, known(1.0, 0.4)) is verdict


@pytest.mark.parametrize(("rough", "verdict"), [(8e-3, Verdict.CORRECT), (4e-3, Verdict.WRONG)])
def test_an_entry_that_moves_f_by_less_may_be_rough_by_as_much_less(rough, verdict):
    """What right claims of the tensor were off by counts in units of typical entries."""
    standard = replace(DEFAULT, rough=rough, stretch=10.0)
    assert judge(standard, 1 + 6e-4, known(1.0, 1e-9)) is verdict


@pytest.mark.parametrize(("residue", "verdict"), [(1e-9, Verdict.CORRECT), (0.5, Verdict.UNDECIDED)])
def test_the_rounding_of_a_claim_is_unknown_as_well(residue, verdict):
    """A claim that is known no better than by half of itself is not called right."""
    assert judge(DEFAULT, 1.0, replace(known(1.0, 1e-9), residue=residue)) is verdict
