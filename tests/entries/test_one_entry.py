"""One entry climbs a ladder; a short one confirms what is grossly wrong, and doubt is heard before an acquittal."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tested import under_test, with_noise

from gradcheck import Verdict, check_gradients
from gradcheck._entries import one_entry
from gradcheck._entries.look import CONVINCED
from gradcheck._entries.one_entry import climb, confirm, settle
from gradcheck._entries.second_opinions.opinions import Moment
from gradcheck._measure.step import FIRST
from gradcheck._results.estimate import Estimate, Rung

ONE, SLOPE = np.array([1.0]), math.cos(1.0)


def sine(x):
    return float(np.sin(x).sum())


@pytest.mark.parametrize(
    ("f", "claim", "verdict"),
    [
        (sine, 1.001 * SLOPE, Verdict.WRONG),
        (sine, SLOPE, Verdict.CORRECT),
        (lambda x: abs(float(x[0]) - 1), 0.5, Verdict.KINK),
        (lambda x: float(x[0] > 1), 0.5, Verdict.BROKEN),
        (lambda _: 0.0, 0.0, Verdict.UNTESTED),
    ],
)
def test_what_the_ladder_shows_is_judged_and_written_down(f, claim, verdict):
    """With the rungs as evidence, where there is something to show."""
    tested = under_test(f, np.array([claim]), ONE)
    estimate = climb(tested, 0)
    assert tested.columns.codes[0] == verdict
    assert tested.columns.estimates[0] == estimate.value or math.isnan(estimate.value)
    assert (0 in tested.columns.rungs) == (verdict not in (Verdict.CORRECT, Verdict.UNTESTED))


def test_a_short_ladder_serves_once_a_whole_one_accused():
    """Of the same tensor, or of what this is a part of; where the case is not plain it is a whole one again."""
    x, factors = np.full(4, 1.0), np.array([2.0, 2.0, 1.001, 1.0])
    tested = under_test(sine, factors * SLOPE, x)
    first, second, slight, right = (climb(tested, k) for k in range(4))
    assert [*tested.columns.codes] == [Verdict.WRONG] * 3 + [Verdict.CORRECT]
    assert tested.experience.accused
    assert len(second.rungs) < len(first.rungs) == len(slight.rungs)
    assert abs(second.value - SLOPE) < 1e-9 > abs(right.value - SLOPE)
    part = under_test(sine, factors * SLOPE, x)
    part.tally.part = True
    assert len(climb(part, 0).rungs) == len(second.rungs)


def test_first_rungs_serve_once_whole_ladders_confirmed_them():
    """Noise leaves more than 1e-8 unknown; four whole ladders said the same, so others need none."""
    x = np.linspace(0.4, 1.2, 7)
    tested = under_test(with_noise(1e-11), np.cos(x), x, sigma=1e-11)
    rungs = [len(climb(tested, k).rungs) for k in range(7)]
    assert tested.experience.confirmed == CONVINCED
    assert max(rungs[CONVINCED:]) < min(rungs[:CONVINCED])
    assert [*tested.columns.codes] == [Verdict.CORRECT] * 7
    tested = under_test(with_noise(1e-11), 1.001 * np.cos(x), x, sigma=1e-11)
    for k in range(7):
        climb(tested, k)
    assert tested.experience.confirmed == 0
    assert [*tested.columns.codes] == [Verdict.WRONG] * 7


@pytest.mark.parametrize(
    ("confirmed", "uncertainty", "enough"),
    [(0, 0.9e-8, True), (0, 1.1e-8, False), (3, 1.1e-8, False), (4, 0.9e-6, True), (4, 1.1e-6, False)],
)
def test_how_well_a_slope_must_be_known_before_no_further_rung_is_taken(confirmed, uncertainty, enough):
    """To a hundredth of the smallest error that matters; to that error where whole ladders confirmed first rungs."""
    tested = under_test(sine, np.array([SLOPE]), ONE)
    tested.experience.confirmed = confirmed
    tested.columns.codes[0] = Verdict.CORRECT
    estimate = Estimate(SLOPE, uncertainty * SLOPE, SLOPE, SLOPE)
    assert one_entry.plain(tested, 0, estimate) is enough


def test_what_a_whole_ladder_confirms():
    """The same slope, as far as both are known, and no kink."""
    first = Estimate(1.0, 1e-7, 1.0, 1.0)
    for value, kink, same in ((1.0 + 1.5e-7, False, True), (1.0 + 2.5e-7, False, False), (1.0, True, False)):
        assert one_entry._confirmed(first, Estimate(value, 1e-7, value, value, kink=kink)) is same


def coarse_gate(x):
    """Return the sigmoid as bfloat16 rounds it, in stairs an eighth as wide as x is large."""
    mantissa, exponent = np.frexp(1 / (1 + np.exp(-x)))
    return np.ldexp(np.round(mantissa * 2**8) / 2**8, exponent)


def test_a_straight_line_is_looked_at_from_further_away():
    """Once for a tensor: it may stand on stairs, and then its slope is not known; a kink there changes nothing."""
    x = np.array([0.12573022])
    tested = under_test(lambda x: float((x * coarse_gate(x)).sum()), coarse_gate(x), x)
    climb(tested, 0)
    assert tested.experience.straight
    assert tested.columns.codes[0] == Verdict.UNDECIDED
    tested = under_test(lambda x: float(np.maximum(x, 1.1).sum() + x.sum()), ONE, ONE)
    climb(tested, 0)
    assert tested.experience.straight
    assert tested.columns.codes[0] == Verdict.CORRECT


def test_nobody_is_accused_whom_a_second_opinion_clears():
    """A claim of 1e-15 on a constant: its last digits clear it, and their uncertainty stands in the columns."""
    tested = under_test(lambda x: 1.0 + 0 * float(x[0]), np.array([1e-15]), ONE)
    climb(tested, 0)
    assert tested.columns.codes[0] != Verdict.WRONG
    assert tested.columns.uncertainties[0] >= 1e-15


def test_a_gross_error_is_confirmed_on_four_rungs():
    """And costs no more than eight evaluations."""
    tested = under_test(sine, np.array([2 * SLOPE]), ONE)
    before = tested.subject.evaluations
    confirm(tested, 0, 5)
    assert tested.columns.codes[0] == Verdict.WRONG
    assert len(tested.columns.rungs[0]) == 4
    assert tested.subject.evaluations - before == 8


@pytest.mark.parametrize(("claim", "verdict"), [(1 + 1e-5, Verdict.WRONG), (1.0, Verdict.CORRECT)])
def test_what_is_not_gross_climbs_a_whole_ladder(claim, verdict):
    """A short one that begins where steps are large decides nothing."""
    tested = under_test(sine, np.array([claim * SLOPE]), ONE)
    confirm(tested, 0, 1)
    assert tested.columns.codes[0] == verdict
    assert tested.columns.uncertainties[0] < 1e-8


@pytest.mark.parametrize(("claim", "heard"), [(1.0, True), (2.0, False)])
def test_before_an_acquittal_those_are_heard_who_may_know_more(claim, heard, monkeypatch):
    """What they say stands, and tells where short ladders begin; what is wrong already needs no more."""
    asked = []

    def accuser(look, estimate):
        asked.append(look.first)
        return replace(estimate, value=3.0)

    ask = one_entry.asked
    monkeypatch.setattr(
        one_entry, "asked", lambda at: [lambda *_: None, accuser] if at is Moment.ACQUITTED else ask(at)
    )
    tested = under_test(sine, np.array([claim * SLOPE]), ONE)
    settle(tested, 0, 5)
    assert tested.columns.codes[0] == Verdict.WRONG
    assert asked == [5] * heard
    assert (tested.columns.estimates[0] == 3.0) == heard


def test_what_is_right_stays_right():
    """Though it seemed wrong to two evaluations."""
    tested = under_test(sine, np.array([SLOPE]), ONE)
    settle(tested, 0, 5)
    assert tested.columns.codes[0] == Verdict.CORRECT
    assert tested.columns.rungs == {}


def test_the_second_ladder_of_a_tensor_begins_where_the_first_was_decided():
    """Five rungs instead of six, where that leaves no doubt; a wrong claim gets a whole one all the same."""
    x = np.array([1.0, 1.1, 1.2])
    tested = under_test(sine, np.cos(x) * [1, 1, 1.001], x)
    spent = []
    for k in range(3):
        before = tested.subject.evaluations
        climb(tested, k)
        spent.append(tested.subject.evaluations - before)
    assert spent[0] == 12
    assert spent[1] == 10
    assert spent[2] >= 16
    assert tested.columns.codes.tolist() == [Verdict.CORRECT, Verdict.CORRECT, Verdict.WRONG]


def test_no_ladder_begins_higher_than_noise_asks():
    """Of a straight line any step shows the slope, and the finest rungs are climbed in any case."""
    x = np.array([1.0, 1.1, 1.2])
    tested = under_test(lambda x: float(np.sum(x)), np.ones(3), x)
    estimates = [climb(tested, k) for k in range(3)]
    assert [len(e.rungs) for e in estimates] == [6, 5, 5]
    assert {e.last for e in estimates} == {FIRST}


@pytest.mark.parametrize(("f", "claim"), [(sine, 1.001 * SLOPE), (lambda x: abs(float(x[0]) - 1), 0.5)])
def test_what_is_wrong_or_kinked_is_not_plain(f, claim):
    """Nor is what is noisier than was thought, or blunt; what stands still is."""
    tested = under_test(f, np.array([claim]), ONE)
    assert not one_entry.plain(tested, 0, climb(tested, 0))


def test_what_is_noisier_than_was_thought_is_not_plain():
    """Slopes at the finest rungs that are further off than the noise puts them, and do not fall, give it away."""
    for sigma, plain in ((0.0, True), (1e-13, False)):
        noise = np.random.default_rng(3)
        tested = under_test(
            lambda x, s=sigma, n=noise: sine(x) + s * n.standard_normal(), np.array([SLOPE]), ONE, sigma=1e-16
        )
        estimate = one_entry.derivative.summarise(tested.ladder(0, 1e-16).climb(0, 7), 1e-16)
        tested.columns.codes[0] = Verdict.CORRECT
        assert one_entry.plain(tested, 0, estimate) is plain
    still = under_test(lambda _: 0.0, np.array([0.0]), ONE)
    assert one_entry.plain(still, 0, climb(still, 0))


@pytest.mark.parametrize("left", [0.0, 1e-17])
def test_what_moves_by_nothing_beside_others_needs_no_whole_ladder(left):
    """As a number that a softmax adds to all of its inputs, of which rounding may leave a claim."""
    w, z = np.array([0.3, -1.2, 0.7, 2.0, 0.1]), np.array([0.2, 1.3, -0.7, 0.4, 0.9])

    def softmax(p):
        e = np.exp(p["z"] + np.sum(p["shift"]))
        return e / e.sum()

    def slopes(p):
        s = softmax(p)
        return {"z": s * (w - w @ s), "shift": np.array([left, -left, 2 * left, 0.0])}

    point = {"z": z, "shift": np.array([0.3, -0.2, 0.5, 0.1])}
    report = check_gradients(lambda p: float(w @ softmax(p)), point, grad=slopes)
    assert report.tensors["shift"].verdict is Verdict.UNTESTED
    assert report.evaluations < 250
    moving = check_gradients(lambda p: float(w @ softmax(p) + 1e-3 * p["shift"][1]), point, grad=slopes)
    assert moving.tensors["shift"].verdict is Verdict.WRONG


def on_rungs(offs, noise=1e-12, uncertainty=1e-12, value=1.0, first=0, **fields):
    """Return an estimate whose central slopes are off by so much from rung to rung."""
    noises = np.broadcast_to(noise, len(offs))
    rungs = tuple(
        Rung(4.0**-k, value + o, value + o, float(n)) for k, (o, n) in enumerate(zip(offs, noises, strict=True))
    )
    fields = {"scale": abs(value), "rungs": rungs, "last": first + len(offs) - 1} | fields
    return Estimate(value, uncertainty, value, value, **fields)


def of_one(claim=1.0, code=Verdict.CORRECT, stairs=0.0):
    """Return an entry of one under test, of a claim and a verdict."""
    tested = under_test(lambda x: float(x.sum()), np.array([claim]), ONE, sigma=1e-300)
    tested.columns.codes[0] = code
    tested.experience.stairs = stairs
    return tested


@pytest.mark.parametrize(
    ("claim", "value", "uncertainty", "stairs", "mean"),
    [
        (1.0, 0.5, 0.12, 1e-6, True),
        (1.0, 0.5, 0.09, 1e-6, False),  # more than five uncertainties away
        (1.0, 0.5, 0.12, 0.0, False),  # there are no stairs
        (-1.0, -0.5, 0.12, 1e-6, True),
        (1.01, 1.0, 0.06, 1e-6, True),
        (1.01, 1.0, 0.04, 1e-6, False),  # a slope that is known to a twentieth is no mean of jumps
        (1.0, 0.01, 0.21, 1e-6, True),
        (30.0, 0.001, 7.0, 1e-6, True),
        (0.01, 0.0, 1.1 * 0.01 * 2.0**-9, 1e-6, False),
        (1.1 * 2.0**-9 * 5, 0.0, 1.2 * 2.0**-9, 1e-6, True),
    ],
)
def test_a_slope_over_stairs_may_be_a_mean_of_jumps(claim, value, uncertainty, stairs, mean):
    """Where it is known no better than to a twentieth of itself, and the claim is five uncertainties off or less."""
    tested = of_one(claim, stairs=stairs)
    estimate = Estimate(value, uncertainty, value, value)
    assert one_entry._mean_of_jumps(tested, 0, estimate) is mean


@pytest.mark.parametrize(
    ("offs", "falls"),
    [
        ([1.0, 0.1, 0.01], True),
        ([1.0, 0.13, 0.01], False),
        ([1.0, 0.1, 0.014], False),
        ([0.0, 0.0, 1e-3], False),
        ([9.0, 9.0, 1.0, 0.1, 0.01], True),
        ([-1.0, 0.1, -0.01], True),
    ],
)
def test_the_errors_of_a_smooth_function_fall(offs, falls):
    """To an eighth from rung to rung, on the last three; down to what noise leaves, and what is unknown."""
    assert one_entry._falls(on_rungs(offs, uncertainty=0.0), 3) is falls
    assert one_entry._falls(on_rungs(offs, noise=0.2, uncertainty=0.0), 3)
    assert one_entry._falls(on_rungs([1.0, 0.1, 0.014], uncertainty=0.01), 3)


@pytest.mark.parametrize(
    ("code", "fields", "is_plain"),
    [
        (Verdict.CORRECT, {}, True),
        (Verdict.WRONG, {}, False),
        (Verdict.UNTESTED, {}, False),
        (Verdict.CORRECT, {"kink": True}, False),
        (Verdict.CORRECT, {"uncertainty": 1.1e-8}, False),
        (Verdict.CORRECT, {"uncertainty": 0.9e-8}, True),
        (Verdict.CORRECT, {"uncertainty": 1.5e-8, "value": -2.0}, True),
        (Verdict.CORRECT, {"offs": [1.0, 0.5, 0.4]}, False),
        (Verdict.UNTESTED, {"flat": True}, True),
        (Verdict.CORRECT, {"flat": True}, False),
    ],
)
def test_when_an_estimate_leaves_no_doubt(code, fields, is_plain):
    """Right, straight, known to eight digits, and smooth; or flat, where nothing is claimed."""
    estimate = on_rungs(**{"offs": [1e-1, 1e-3, 1e-5]} | fields)
    assert bool(one_entry.plain(of_one(code=code), 0, estimate)) is is_plain


@pytest.mark.parametrize(
    ("code", "kink", "is_plain"),
    [
        (Verdict.CORRECT, False, True),
        (Verdict.UNTESTED, False, True),
        (Verdict.WRONG, False, False),
        (Verdict.CORRECT, True, False),
        (Verdict.UNTESTED, True, False),
    ],
)
def test_what_is_negligible_beside_others_is_plain_however_badly_it_is_known(code, kink, is_plain):
    """A billionth of what moves f elsewhere."""
    tested = of_one(1e-12, code)
    tested = replace(tested, standard=replace(tested.standard, elsewhere=1.0))
    assert one_entry.plain(tested, 0, on_rungs([1, 1, 1], uncertainty=1e-10, kink=kink)) is is_plain


@pytest.mark.parametrize(
    ("code", "fields", "is_plain"),
    [
        (Verdict.WRONG, {}, True),
        (Verdict.CORRECT, {}, False),
        (Verdict.UNDECIDED, {}, False),
        (Verdict.WRONG, {"kink": True}, False),
        (Verdict.WRONG, {"uncertainty": 5e-6}, False),
        (Verdict.WRONG, {"value": 2.05}, False),
        (Verdict.WRONG, {"offs": [1.0, 0.5, 0.4]}, False),
    ],
)
def test_when_a_claim_is_plainly_wrong(code, fields, is_plain):
    """By a twentieth of itself, and the slope is sharp and smooth."""
    estimate = on_rungs(**{"offs": [1e-1, 1e-3, 1e-5]} | fields)
    assert one_entry.plainly_wrong(of_one(2.0, code), 0, estimate) is is_plain


@pytest.mark.parametrize(("part", "quiet"), [(0.9, True), (1.1, False)])
@pytest.mark.parametrize("first", [0, 2, 3])
@pytest.mark.parametrize("value", [2.0, -0.5])
def test_where_the_noise_is_faint_coarser_rungs_are_not_needed(part, quiet, first, value):
    """At the third rung below a hundred-millionth of the slope, 256 times fainter, as others are smaller."""
    noise = np.full(6, 1.0)
    noise[3 - first] = part * 1e-8 / 256 * abs(value)
    assert bool(one_entry._quiet(on_rungs(np.zeros(6), noise=noise, first=first, value=value))) is quiet
    assert one_entry._quiet(on_rungs(np.zeros(6), noise=1.0, first=4, value=value))


@pytest.mark.parametrize(("off", "straight"), [(0.9, True), (1.1, False), (-1.1, False)])
def test_a_line_without_a_bend_is_straight(off, straight):
    """At every rung, on both sides, within the noise; what does not move at all is none."""
    rungs = [Rung(4.0**-k, 1.0, 1.0, 1e-9) for k in range(4)]
    for side in ("left", "right"):
        bent = [*rungs[:2], replace(rungs[2], **{side: 1 + off * 1e-9}), rungs[3]]
        estimate = Estimate(1.0, 1e-9, 1.0, 1.0, rungs=tuple(bent))
        assert one_entry._straight(estimate) is straight
        assert not one_entry._straight(replace(estimate, flat=True))


@pytest.mark.parametrize(("rung", "rungs"), [(0, (0, 1)), (1, (0, 2)), (2, (0, 3)), (5, (3, 6))])
def test_a_gross_error_is_confirmed_by_the_rungs_around_the_best(rung, rungs, monkeypatch):
    """Two above it, if there are any, and one below."""
    tested, climbed = of_one(2.0), []
    monkeypatch.setattr(one_entry.Ladder, "climb", lambda _, first, last: climbed.append((first, last)))
    monkeypatch.setattr(one_entry.derivative, "summarise", lambda *_: on_rungs([0.0] * 3))
    confirm(tested, 0, rung)
    assert climbed == [rungs]
    assert tested.columns.codes[0] == Verdict.WRONG


@pytest.mark.parametrize(
    ("claim", "fields", "gross"),
    [
        (2.0, {"uncertainty": 0.9e-2}, True),
        (2.0, {"uncertainty": 1.1e-2}, False),
        (2.0, {"kink": True}, False),
        (2.0, {"jump": True}, False),
        (1 + 0.9 * 5e-5, {}, False),
        (1 + 1.1 * 5e-5, {}, True),
        (1 + 1.9 * 5e-5, {"uncertainty": 4e-7}, True),
        (1 + 1.9 * 5e-5, {"uncertainty": 5e-7}, False),
    ],
)
def test_an_error_is_gross_beyond_a_hundred_times_what_is_unknown_and_does_not_matter(
    claim, fields, gross, monkeypatch
):
    """Together; else a whole ladder is climbed."""
    tested, climbed = of_one(claim), []
    monkeypatch.setattr(one_entry.derivative, "summarise", lambda *_: on_rungs([0.0] * 3, **fields))
    monkeypatch.setattr(one_entry, "climb", lambda *_: climbed.append(1))
    confirm(tested, 0, 4)
    assert climbed == [1] * (not gross)


@pytest.mark.parametrize(("x", "of_one", "still"), [(1e6, 1.0, False), (1e6, 0.0, True), (1.0, 0.0, False)])
def test_what_whole_steps_do_not_move_may_be_a_remainder(x, of_one, still):
    """It moves by a step that is no whole number. Of steps that are smaller nothing is said."""
    tested = under_test(lambda x: of_one * float(x[0] % 1.0), np.array([0.0]), np.array([x]), sigma=1e-16)
    assert one_entry.stands_still(tested, 0) is still


@pytest.mark.parametrize("x", [1e6 / 3, 2.0**16 + 0.37], ids=["of four", "of one"])
def test_a_remainder_is_not_taken_for_what_does_not_move(x):
    """Whole steps do not move it, and a claim of zero is wrong all the same; the finest of the first rungs is one."""
    tested = under_test(lambda x: float(x[0] % 1.0), np.array([0.0]), np.array([x]))
    climb(tested, 0)
    assert tested.columns.codes[0] in (Verdict.UNDECIDED, Verdict.WRONG)


def test_an_entry_on_a_wave_is_measured_there():
    """Over a thousand waves the sine stands still; what was right by that is judged by its slope on the wave."""
    x = np.array([3e9, 1e9])
    for claim, code in ((0.0, Verdict.WRONG), (math.cos(3e9), Verdict.CORRECT)):
        tested = under_test(lambda x: float(np.sum(np.sin(x))), np.array([claim, math.cos(1e9)]), x, sigma=0.7)
        tested.columns.put(0, Estimate(0.0, 1e-9, 0.0, 0.0), Verdict.CORRECT)
        one_entry.look_between(tested, 0)
        assert tested.columns.codes[0] == code
        assert tested.columns.estimates[0] == pytest.approx(math.cos(3e9), rel=1e-3)


@pytest.mark.parametrize(("sigma", "mean"), [(0.9 / 16, False), (1.1 / 16, True)])
def test_a_slope_beneath_noise_may_be_a_mean_over_waves(sigma, mean):
    """Where other entries' noise was found to be waves, and this is no less than a sixteenth of it."""
    tested = under_test(lambda x: float(np.sum(x)), np.array([1.0]), np.array([1.0]), sigma=1e-16)
    noise = 3 * sigma / math.sqrt(2)
    estimate = Estimate(1.0, 0.1, 1.0, 1.0, rungs=(Rung(1.0, 1.0, 1.0, noise),))
    assert not one_entry._mean_of_waves(tested, estimate)
    tested.experience.met(1.0)
    assert one_entry._mean_of_waves(tested, estimate) is mean
    tested.experience.met(2.0)
    assert tested.experience.waves == 1.0


def test_between_whole_steps_f_is_looked_at_once_at_seven_tenths_of_the_coarsest():
    """Which is a multiple of no period that divides it."""
    seen = []
    tested = under_test(lambda x: seen.append(float(x[0])) or 0.0, np.array([0.0]), np.array([1e6]), sigma=1e-16)
    step = tested.ladder(0, tested.sigma).step(0)
    seen.clear()
    assert one_entry.stands_still(tested, 0)
    assert seen == [1e6 + 0.7 * step]


@pytest.mark.parametrize(("near", "written"), [(1.05, False), (1.25, True), (0.95, False), (-1.0, True)])
def test_what_was_measured_between_jumps_is_written_down_if_it_is_another(near, written, monkeypatch):
    """By more than is unknown of both."""
    tested = under_test(lambda x: float(x.sum()), np.array([1.0]), np.ones(1))
    tested.columns.estimates[:], tested.columns.uncertainties[:] = 1.0, 0.1
    monkeypatch.setattr(one_entry, "between_jumps", lambda *_: Estimate(near, 0.1, near, near))
    one_entry.look_between(tested, 0)
    assert tested.columns.estimates[0] == (near if written else 1.0)
