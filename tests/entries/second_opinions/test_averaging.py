"""A fit of many values speaks where noise is all that limits a ladder, and is silent elsewhere."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from tested import ONE, SLOPE, looked_at, on_the_sine, with_noise

from gradcheck import Verdict
from gradcheck._entries.look import SHARP
from gradcheck._entries.second_opinions import averaging
from gradcheck._entries.second_opinions.averaging import averaged, meet
from gradcheck._measure import least_squares
from gradcheck._measure.extrapolate import Limit
from gradcheck._results.estimate import Estimate


@pytest.mark.parametrize(("sharp", "speaks"), [(8, True), (15, False)])
def test_averaging_must_come_within_ten_times_of_sharp(sharp, speaks):
    """What it promises beside what would be sharp: further off, the many evaluations of a fit decide nothing."""
    sigma = sharp * SHARP * SLOPE / least_squares.promise(1.0, 1.0)
    look, blunt = looked_at(with_noise(sigma), np.array([SLOPE]), ONE, sigma=sigma)
    assert (averaged(look, replace(blunt, uncertainty=0.1)) is not None) is speaks


def test_averaged_speaks():
    """Where noise of 1e-7 is all that limits a ladder; others of the tensor learn how wide the fit was."""
    look, blunt = looked_at(with_noise(1e-7), np.array([SLOPE]), ONE, sigma=1e-7)
    found = averaged(look, blunt)
    assert abs(found.value - SLOPE) <= found.uncertainty < blunt.uncertainty / 2
    assert look.tested.experience.reach == found.uncertainty
    assert look.tested.experience.wide > 0


def test_averaged_is_silent():
    """Where the ladder knows enough, at a kink, and where f stands still: no average would be the slope."""
    look, estimate = looked_at(with_noise(1e-12), np.array([SLOPE]), ONE, sigma=1e-12)
    assert averaged(look, estimate) is None
    look, blunt = looked_at(with_noise(1e-7), np.array([SLOPE]), ONE, sigma=1e-7)
    for field in ("kink", "jump", "flat"):
        assert averaged(look, replace(blunt, **{field: True})) is None
    assert look.tested.experience.wide == 0
    assert averaged(look, replace(blunt, value=SLOPE + 1)) is None  # where a fit contradicts the ladder


def test_a_fit_and_an_estimate_meet_within_what_both_do_not_know():
    """And not beyond."""
    _, estimate = on_the_sine()
    estimate = replace(estimate, value=1.0, uncertainty=0.2)
    assert meet(Limit(1.25, 0.1, 0), estimate)
    assert not meet(Limit(1.35, 0.1, 0), estimate)


@pytest.mark.parametrize(
    ("coarse", "verdict", "closer"),
    [(True, Verdict.UNDECIDED, True), (True, Verdict.WRONG, False), (False, Verdict.UNDECIDED, False)],
)
def test_many_more_values_are_fitted_where_a_claim_in_half_precision_is_doubted(coarse, verdict, closer, monkeypatch):
    """It is off by more than typical noise, and by less than its bound."""
    monkeypatch.setattr(averaging.least_squares, "closer", lambda *_: Limit(1.0, 1e-9, 0))
    tested = SimpleNamespace(standard=SimpleNamespace(coarse=coarse), judge=lambda *_: verdict)
    found = averaging._closer(SimpleNamespace(tested=tested, k=0, ladder=None), Estimate(1.0, 1e-3, 1.0, 1.0), 1.0)
    assert (None if found is None else found.uncertainty) == (1e-9 if closer else None)
