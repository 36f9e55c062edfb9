"""Is it recognised that a gradient is that of one step of an iteration, not that of its fixed point?"""

from __future__ import annotations

import pytest
from sequences import CELL, FOLLOWED
from suspects import met, same_in_any_unit, spoilt

from gradcheck import Verdict, check_gradients
from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.conclusion import NOT_RECOGNISED
from gradcheck._diagnose.fixed_point import explicit

OF_POINTS = [name for name, case in FOLLOWED.items() if case.point is not CELL]


@pytest.mark.parametrize("name", OF_POINTS)
def test_what_is_taken_for_the_inverse_is_named(name):
    """Nothing is said of what is not known; a slope of the output may be."""
    case = FOLLOWED[name]
    report = check_gradients(case.f, case.point, **{case.way: case.wrong})
    assert report.verdict is Verdict.WRONG
    assert (case.words or NOT_RECOGNISED) in report.diagnosis[0]


@pytest.mark.parametrize("name", OF_POINTS)
def test_the_right_gradient_passes(name):
    """Of each."""
    case = FOLLOWED[name]
    assert check_gradients(case.f, case.point, **{case.way: case.right}).verdict is Verdict.CORRECT


def test_a_claim_that_is_nearly_so_is_left_to_others():
    """By some per mille."""
    case = FOLLOWED["one step alone"]
    (found,) = met(case.f, case.point, vjp=case.wrong)
    assert explicit(found).kind is Slip.EXPLICIT
    assert explicit(spoilt(found)) is None
    assert same_in_any_unit(explicit, found)
