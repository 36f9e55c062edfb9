"""Is it recognised how a sequence was followed back?"""

from __future__ import annotations

import pytest
from sequences import CELL, FOLLOWED, last
from suspects import met, same_in_any_unit, spoilt

from gradcheck import Verdict, check_gradients
from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.conclusion import NOT_RECOGNISED
from gradcheck._diagnose.recurrent import way_back

OF_CELLS = [name for name, case in FOLLOWED.items() if case.point is CELL]


@pytest.mark.parametrize("name", OF_CELLS)
def test_the_wrong_way_back_is_named(name):
    """Nothing is said of one that is not known."""
    case = FOLLOWED[name]
    report = check_gradients(case.f, case.point, grad=case.wrong)
    assert report.verdict is Verdict.WRONG
    assert (case.words or NOT_RECOGNISED) in report.diagnosis[0]


@pytest.mark.parametrize("name", OF_CELLS[:2])
def test_the_right_way_back_passes(name):
    """From the last state, and from all."""
    case = FOLLOWED[name]
    assert check_gradients(case.f, case.point, grad=case.right).verdict is Verdict.CORRECT


def test_a_claim_that_is_nearly_so_is_left_to_others():
    """By some per mille."""
    for found in met(last, CELL, grad=FOLLOWED["three steps back"].wrong):
        assert way_back(found).kind is Slip.WAY_BACK
        assert way_back(spoilt(found)) is None
        assert same_in_any_unit(way_back, found)
