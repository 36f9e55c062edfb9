"""The curve: slope against step, so that a reader sees why the measurement is to be trusted."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from gradcheck._render.html.axis import BOTTOM, RIGHT, TOP, decades
from gradcheck._render.html.curve import FOOT, curve
from gradcheck._results.estimate import Entry, Rung
from gradcheck._results.verdict import Verdict

LADDER = tuple(Rung(10.0**-k, 1 - 10.0**-k, 1 + 10.0**-k, 1e-14 * 10**k) for k in range(1, 7))
WRONG = Entry("W", (3, 7), 2.0, 1.0, 1e-10, 1.0, 1.0, Verdict.WRONG, LADDER)


def heights(shown, kind):
    return [m.y for m in shown.marks if m.kind == kind]


def test_a_wrong_claim_lies_apart_from_the_slopes():
    """All slopes from both sides lie on the line that is measured, a third of the picture from the claim."""
    shown = curve(WRONG)
    lines = {line.kind: line for line in shown.lines}
    assert set(heights(shown, "both")) == {lines["measured"].y}
    assert lines["measured"].y - lines["claim"].y == pytest.approx((BOTTOM - TOP) / 2)
    assert lines["claim"].label == "claimed 2"
    assert lines["measured"].label == "measured 1 ± 1e-10"
    assert shown.beyond == 0


def test_left_and_right_approach_each_other_as_the_step_shrinks():
    """The marks of either side close in on those of both."""
    shown = curve(WRONG)
    gaps = [a - b for a, b in zip(heights(shown, "left"), heights(shown, "right"), strict=True)]
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[0] > 10 > gaps[-1] == 0


def test_at_a_kink_the_sides_stay_apart():
    """However small the step, left and right slope keep their distance, with the claim between."""
    rungs = tuple(Rung(10.0**-k, -1.0, 1.0, 0.0) for k in range(1, 7))
    shown = curve(Entry("w", (0,), 0.3, 0.0, 1e-13, -1.0, 1.0, Verdict.KINK, rungs))
    (left,), (right,) = set(heights(shown, "left")), set(heights(shown, "right"))
    (claim,) = (line.y for line in shown.lines if line.kind == "doubtful")
    assert left > claim > right
    assert len(shown.marks) == 18


@pytest.mark.parametrize(
    ("verdict", "kind"), [(Verdict.WRONG, "claim"), (Verdict.BROKEN, "claim"), (Verdict.UNDECIDED, "doubtful")]
)
def test_a_claim_has_the_colour_of_its_verdict(verdict, kind):
    """What is undecided is not drawn as wrong."""
    assert [line.kind for line in curve(replace(WRONG, verdict=verdict)).lines] == [kind, "measured"]


def test_larger_steps_lie_to_the_right():
    """The axis is logarithmic: steps of equal ratio are equally far apart."""
    places = [m.x for m in curve(WRONG).marks if m.kind == "both"]
    assert places == sorted(places, reverse=True)
    assert all(FOOT < x < RIGHT for x in places)
    assert places[0] - places[1] == pytest.approx(places[4] - places[5], abs=0.2)
    assert [t.label for t in curve(WRONG).ticks] == ["1e-6", "1e-5", "0.0001", "0.001", "0.01", "0.1"]


def test_the_bar_of_an_error_is_as_long_as_the_error():
    """Half of the picture is one unit of slope here."""
    rungs = (replace(LADDER[0], noise=0.25), *LADDER[1:])
    first, second = [m for m in curve(replace(WRONG, rungs=rungs)).marks if m.kind == "both"][:2]
    assert first.low - first.high == pytest.approx((BOTTOM - TOP) / 4, abs=0.2)
    assert second.low == second.high


def test_slopes_that_noise_throws_about_are_counted_not_drawn():
    """What lies beyond the edge does not squeeze the rest, and its absence is told."""
    rungs = (*LADDER, *(Rung(10.0**-k, -1e9, 3e9, 1e9) for k in range(7, 12)))
    shown = curve(replace(WRONG, rungs=rungs))
    assert shown.beyond == 15
    assert shown.marks == curve(WRONG).marks
    assert len(shown.table.rows) == 11


@pytest.mark.parametrize(
    ("claim", "estimate", "uncertainty"),
    [(math.nan, 1.0, 1e-10), (math.inf, 1.0, 1e-10), (1.0, math.nan, math.inf), (1.0, 1.0, math.inf), (1e300, 1, 0.0)],
)
def test_what_is_not_finite_leaves_a_picture_of_the_rest(claim, estimate, uncertainty):
    """Every number of the picture is finite, whatever claim and estimate are."""
    shown = curve(replace(WRONG, claim=claim, estimate=estimate, uncertainty=uncertainty))
    assert len(shown.lines) == math.isfinite(claim) + math.isfinite(estimate)
    assert all(math.isfinite(v) for m in shown.marks for v in (m.x, m.y, m.low, m.high))
    assert all(math.isfinite(line.y) for line in shown.lines)


@pytest.mark.parametrize("rungs", [(), LADDER[:1], (LADDER[0], Rung(1e-3, math.nan, 1.0, 0.0))], ids=len)
def test_one_step_is_no_curve(rungs):
    """Without two steps there is nothing to compare."""
    assert curve(replace(WRONG, rungs=rungs)) is None


def test_two_steps_close_together_are_named():
    """An axis on which no power of ten lies is labelled all the same."""
    shown = curve(replace(WRONG, rungs=(Rung(0.5, 1, 1, 0), Rung(0.25, 1, 1, 0))))
    assert [t.label for t in shown.ticks] == ["0.25", "0.5"]


def test_ticks_thin_out_before_they_touch():
    """Of sixteen powers of ten at most six are labelled."""
    assert [t.label for t in decades(-16, 0)] == ["1e-15", "1e-12", "1e-9", "1e-6", "0.001", "1"]


def test_the_vertical_axis_has_numbers():
    """Round ones, which lie where they belong."""
    shown = curve(WRONG)
    assert [t.label for t in shown.heights] == ["0.5", "1", "1.5", "2", "2.5"]
    lines = {line.kind: line.y for line in shown.lines}
    at = {t.label: t.at for t in shown.heights}
    assert (at["1"], at["2"]) == (lines["measured"], lines["claim"])
