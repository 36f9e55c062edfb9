"""Claims at ties: what f shows around the point alone is legal, and what is legal one by one may not be so together."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from tested import under_test

from gradcheck import Verdict, check_gradients
from gradcheck._entries import ties
from gradcheck._entries.one_by_one import measure

TIED = np.array([1.0, 1.0, 0.5])
EQUAL = np.ones(3)
WEIGHTS = np.array([1.0, -2.0, 3.0])


def judged(f, x, *claim):
    return check_gradients(f, np.array(x, float), grad=lambda _: np.array(claim, float), neighbours=0)


def named(report):
    return {entry.name for entry in report.wrong}


def test_a_maximum_is_not_shared_out_twice():
    """Both take all of it: along both f has the slope 1, and they claim 2; the nearest that is right is half each."""
    report = judged(lambda x: float(np.max(x)), TIED, 1, 1, 0)
    assert named(report) == {"x[0]", "x[1]"}
    assert {entry.estimate for entry in report.wrong} == {0.5}
    assert any("x[0], x[1]: each claim is legal" in note and "slope 1, " in note for note in report.notes)


@pytest.mark.parametrize("claim", [(1, 0, 0), (0.5, 0.5, 0), (0.25, 0.75, 0)])
def test_a_maximum_may_be_shared_out_in_any_way(claim):
    """As long as it is all of it."""
    assert judged(lambda x: float(np.max(x)), TIED, *claim).verdict is Verdict.KINK


def test_nobody_takes_it():
    """A tie that is forgotten claims nothing, where f moves with all of them."""
    assert named(judged(lambda x: float(np.max(x)), TIED, 0, 0, 0)) == {"x[0]", "x[1]"}


def middle(x):
    return float(np.median(x))


def weighed(x):
    return float(WEIGHTS @ np.sort(x))


@pytest.mark.parametrize(
    ("f", "claim", "verdict"),
    [
        (middle, (0, 1, 0), Verdict.KINK),
        (middle, (0.2, 0.3, 0.5), Verdict.KINK),
        (middle, (1, 1, 1), Verdict.WRONG),
        (middle, (0, 0, 2), Verdict.WRONG),
        (weighed, (-2, 3, 1), Verdict.KINK),
        (weighed, (3, 3, 3), Verdict.WRONG),
        (weighed, (4, -3, 1), Verdict.WRONG),
    ],
)
def test_what_shows_around_the_point_alone(f, claim, verdict):
    """A median of equal numbers stands still as one of them moves, though each is it nearby."""
    assert judged(f, EQUAL, *claim).verdict is verdict


def apart(x):
    return float(abs(x[0]) - abs(x[1]))


def crossed(x):
    return float(abs(x[0] + x[1]) - abs(x[0] - x[1]))


def shorter(x):
    return float(abs(x[0]) + abs(x[1]) - abs(x[0] + x[1]))


@pytest.mark.parametrize(
    ("f", "claim"),
    [(apart, (1, 1)), (apart, (0.5, 1)), (crossed, (2, 0)), (crossed, (1, 1)), (shorter, (0, -2)), (shorter, (-1, -1))],
)
def test_a_line_along_which_f_is_smooth_accuses_nobody_alone(f, claim):
    """Beside it f has other slopes, and these are gradients of it, or lie between some."""
    assert judged(f, (0, 0), *claim).verdict is Verdict.KINK


def pooled(x):
    return float(np.array([2.0, -1.0]) @ x.reshape(2, 2).max(axis=1))


def test_the_others_of_several_ties_are_not_accused():
    """Each group that ties by itself is looked at, whatever its sign; where all cannot be told apart, all are wrong."""
    assert named(judged(pooled, np.ones(4), 2, 0, -0.5, -0.5)) == set()
    assert named(judged(pooled, np.ones(4), 2, 0, -1, -1)) == {"x[2]", "x[3]"}
    assert named(judged(pooled, np.ones(4), 2, 2, -1, 0)) == {"x[0]", "x[1]"}


def test_groups_are_told_apart_up_to_a_number(monkeypatch):
    """With too many, all that tie are wrong together."""

    def f(x):
        return float(x.reshape(2, 2).max(axis=1).sum())

    assert named(judged(f, np.ones(4), 1, 1, 1, 0)) == {"x[0]", "x[1]"}
    monkeypatch.setattr(ties, "MANY", 3)
    assert named(judged(f, np.ones(4), 1, 1, 1, 0)) == {"x[0]", "x[1]", "x[2]", "x[3]"}


def test_a_kink_of_its_own_hides_no_tie():
    """It is left out of those that move as one."""

    def f(x):
        return float(np.max(x[:2]) + abs(x[2]))

    assert judged(f, (1, 1, 0), 1, 0, 0.5).verdict is Verdict.KINK
    assert named(judged(f, (1, 1, 0), 1, 1, 0.5)) == {"x[0]", "x[1]"}


def hinge(x):
    return float(max(0.0, 1 - x @ np.array([1.0, 2.0, -1.0])))


def varied(x):
    return float(np.abs(np.diff(x)).sum())


def test_one_kink_of_several_entries():
    """Moved against one another two of them leave it closed; in a sum of differences all move by as much."""
    assert judged(hinge, (1, 0.5, 1), -0.5, -1, 0.5).verdict is Verdict.KINK
    assert "x[0]" in named(judged(hinge, (1, 0.5, 1), -1, 0, 0))
    assert judged(varied, EQUAL, -1, 2, -1).verdict is Verdict.KINK
    assert named(judged(varied, EQUAL, 1, 1, 1)) == {"x[0]", "x[1]", "x[2]"}


def test_what_bends_is_no_tie():
    """Slopes of a smooth function differ the less the nearer they are: what is wrong of it stays so."""
    x = np.array([0.3, 0.9])
    report = check_gradients(lambda x: float(np.sum(np.sin(x))), x, grad=lambda x: 1.001 * np.cos(x), neighbours=0)
    assert report.verdict is Verdict.WRONG
    root = check_gradients(lambda x: float(abs(x[0]) ** 0.9 + x[1]), x, grad=lambda x: np.ones(2), neighbours=0)
    assert named(root) == {"x[0]"}


def looked_at(monkeypatch, claim, off=0.0, others=12):
    """Judge claims at which f has the slopes 0 and 1 around the point, and some others by so much further away."""
    asked = []

    def around(tested, move, step, places, far=1.0):
        asked.append(places)
        return np.arange(places) % 2 + off * (far > 1) * (np.arange(places) < others)

    monkeypatch.setattr(ties, "slopes_around", around)
    tested = under_test(lambda x: float(np.max(x)), np.array(claim), np.ones(len(claim)))
    tested.columns.codes[:], tested.columns.estimates[:] = Verdict.WRONG, 0.0
    tested.columns.with_sides()
    around = ties._met_around(tested, np.arange(len(claim)), 1.0)
    return asked, [Verdict.KINK if k in around else Verdict.WRONG for k in range(len(claim))]


@pytest.mark.parametrize(("entries", "places"), [(8, 96), (16, 96), (20, 120), (170, 1020), (171, 1024), (300, 1024)])
def test_slopes_are_looked_for_at_twelve_places_and_where_they_differ_at_more(entries, places, monkeypatch):
    """At six for each entry, 96 at least and 1024 at most, and at twelve further away, for each that is wrong."""
    asked, codes = looked_at(monkeypatch, [0.5] * entries)
    assert asked == [12, *[places, 12] * entries]
    assert codes == [Verdict.KINK] * entries


@pytest.mark.parametrize(("entries", "met"), [(16, True), (17, False)])
def test_no_places_are_drawn_for_more_than_sixteen_entries(entries, met, monkeypatch):
    """They cost thousands of evaluations, and of many claims one is always missed."""
    asked = []
    monkeypatch.setattr(ties, "_met_around", lambda *_: asked.append(1) or {})
    judged(lambda x: float(np.max(x) - np.min(x)), np.ones(entries), *[2.0] * entries)
    assert bool(asked) is met


@pytest.mark.parametrize(("off", "same"), [(0.8 / 64, True), (1.3 / 64, False)])
def test_slopes_further_away_are_the_same_to_a_64th_of_their_spread(off, same, monkeypatch):
    """Those of what bends are not."""
    assert (Verdict.KINK in looked_at(monkeypatch, [0.5, 0.5], off)[1]) is same


@pytest.mark.parametrize(("others", "same"), [(3, True), (4, False)])
def test_slopes_further_away_are_the_same_in_three_of_four_directions(others, same, monkeypatch):
    """In the others they may meet another kink."""
    assert (Verdict.KINK in looked_at(monkeypatch, [0.5, 0.5], 1.0, others)[1]) is same


@pytest.mark.parametrize(("beyond", "legal"), [(0.8 / 4096, True), (1.3 / 4096, False)])
def test_a_claim_lies_among_the_slopes_but_for_their_rounding(beyond, legal, monkeypatch):
    """A 4096th of the largest, at either end."""
    for claim in (1 + beyond, -beyond):
        assert (looked_at(monkeypatch, [claim, claim])[1] == [Verdict.KINK] * 2) is legal


@pytest.mark.parametrize(("part", "differ"), [(0.8, False), (1.3, True)])
def test_slopes_differ_by_a_64th(part, differ):
    """Of the largest."""
    assert ties._differ(np.array([2.0, 2.0 - part / 32])) is differ


@pytest.mark.parametrize(("off", "adds"), [(0.8, True), (1.3, False)])
def test_slopes_of_entries_add_up_to_a_4096th(off, adds):
    """Along two directions, at a step far below where anything bends."""
    places = []
    tested = under_test(lambda x: places.append(x[0]) or float(3 * x[0]), np.array([3.0]), np.array([1.0]))
    tested.columns.with_sides()
    tested.columns.lefts[:] = tested.columns.rights[:] = 3.0 * (1 + off / 4096)
    places.clear()
    assert ties._adds_up(tested, np.arange(1)) is adds
    ways = [float(np.random.default_rng(way).uniform(-1.0, 1.0)) for way in range(2 if adds else 1)]
    assert places == [1 + 2.0**-26 * way for way in ways]


@pytest.mark.parametrize(
    ("claim", "gap", "around", "accused"),
    [
        (0.8 / 32, 0.0, 0.0, False),
        (1.3 / 32, 0.0, 0.0, True),
        (1.0, 0.8 / 128, 0.0, True),
        (1.0, 1.3 / 128, 0.0, False),
        (1.0, 0.0, 0.8 / 8, True),
        (1.0, 0.0, 1.3 / 8, False),
    ],
)
def test_an_excess_is_told_where_f_is_smooth_all_around(claim, gap, around, accused, monkeypatch):
    """A fourth of the least is left of the kink at most, and slopes around differ by an eighth of the excess."""
    monkeypatch.setattr(ties, "slopes_around", lambda *_: np.full(12, around))
    monkeypatch.setattr(ties, "sides", lambda *_: (-gap / 2, gap / 2))
    tie = object.__new__(ties.Tie)
    tie.tested = under_test(lambda x: float(x[0]), np.array([claim]), np.ones(1))
    assert bool(tie._above(1 / 32, np.ones(1), claim)) is accused


@pytest.mark.parametrize(("excess", "asked"), [(0.1, 1), (0.01, 2), (1e-3, 3), (1e-4, 4), (5e-5, 4)])
def test_smaller_excesses_are_sought_with_larger_steps(excess, asked, monkeypatch):
    """Down to a 16384th of the kink of an entry: a step that tells a small one bends over a large one."""
    tie, steps = object.__new__(ties.Tie), []
    tie.tested = under_test(lambda x: float(x[0]), np.array([2.0]), np.ones(1))
    tie.kink = 2.0
    monkeypatch.setattr(ties.Tie, "move", lambda *_: np.ones(1))
    monkeypatch.setattr(
        ties.Tie, "_above", lambda _, least, __, claim: steps.append(least) or excess * claim * (2 * excess > least)
    )
    assert tie.excess([0]) == (2 * excess if excess > 2.0**-14 else 0.0)
    assert steps == [2 * 2.0**-power for power in (5, 8, 11, 14)][:asked]


def test_one_of_many_pooled_maxima_that_is_off_by_a_hundredth_does_not_add_up():
    """Beside the tie of another maximum, whose kink is as large."""
    x = np.array([1.0, 1.0, 2.0, 2.0, 0.0, 3.0])
    pooled = np.repeat([1.0, -3.0, 2.0], 2) * [1, 0, 1, 0, 0, 1]

    def f(x):
        return float(np.max(x.reshape(3, 2), axis=1) @ [1.0, -3.0, 2.0])

    assert check_gradients(f, x, grad=lambda _: pooled.copy(), neighbours=0).verdict is Verdict.KINK
    off = pooled * (1 - 0.01 * (np.arange(6) == 2))
    report = check_gradients(f, x, grad=lambda _: off.copy(), neighbours=0)
    assert report.verdict is Verdict.WRONG
    assert any("not together" in note for note in report.notes)


def test_six_entries_of_a_tie_are_told_by_name():
    """And how many there are more."""
    report = judged(lambda x: float(np.max(x)), np.ones(8), *[1] * 8)
    assert any("x[5] and 2 more: each claim is legal" in note for note in report.notes)


@pytest.mark.parametrize(("count", "apart"), [(64, True), (65, False)])
def test_64_entries_are_told_apart(count, apart, monkeypatch):
    """Each pair of them is looked at."""
    asked = []
    monkeypatch.setattr(ties, "_parts", lambda _, tied: asked.append(len(tied)) or ())
    ties._in_excess(SimpleNamespace(excess=lambda _: 1.0), list(range(count)))
    assert bool(asked) is apart


def test_two_entries_of_one_kink_move_against_one_another(monkeypatch):
    """By as much as their kinks are alike."""
    seen = set()
    monkeypatch.setattr(ties.Tie, "excess", lambda _, __, signs=(): seen.add(signs) or 0.0)
    judged(hinge, (1, 0.5, 1), -0.5, -1, 0.5)
    assert seen == {(), (1, -1)}


def test_many_claims_are_legal_in_the_order_that_they_tell():
    """Of a sort of forty equal numbers: each of its weights to one of them; twice a weight to one of them is wrong."""
    weights, order = np.array([0.0, *np.linspace(1.0, 3.0, 38), 0.1]), np.random.default_rng(4).permutation(40)
    for factor in (1.0, 2.0):
        claims = weights[order] * np.where(np.arange(40) == 3, factor, 1.0)
        tested = under_test(lambda x: float(weights @ np.sort(x)), claims, np.ones(40))
        measure(tested, np.arange(40), tested.subject)
        assert (tested.columns.codes == Verdict.WRONG).sum() > ties.FEW
        ties.judge_ties(tested, np.arange(40))
        assert (tested.columns.codes == Verdict.KINK).all() == (factor == 1)


def test_slopes_around_are_those_of_the_entry(monkeypatch):
    """Over how far it was moved: between 0 and 1 along twice its unit."""
    monkeypatch.setattr(ties, "slopes_around", lambda _, __, ___, places, far=1.0: np.arange(places) % 2 * 1.0)
    monkeypatch.setattr(ties, "_adds_up", lambda *_: False)
    tested = under_test(lambda x: float(np.max(x)), np.array([0.3, 0.3]), np.full(2, 2.0))
    tested.columns.codes[:], tested.columns.estimates[:] = Verdict.WRONG, 0.0
    assert ties._met_around(tested, np.arange(2), 1.0) == {0: (0.0, 0.5), 1: (0.0, 0.5)}
    monkeypatch.setattr(ties, "step_for", lambda *_: None)
    assert not ties._legal_around(tested, np.arange(2), np.arange(2))


@pytest.mark.parametrize(("f", "left", "right"), [(np.max, 0.0, 1.0), (np.min, 1.0, 0.0)])
def test_what_is_left_of_a_kink_is_all_of_it_or_nothing(f, left, right):
    """One of two that tie keeps all of its own, whichever way it bends; both together have none."""
    tested = under_test(lambda x: float(f(x)), np.array([0.5, 0.5]), np.ones(2))
    tested.columns.with_sides()
    tested.columns.lefts[:], tested.columns.rights[:] = left, right
    for tie in (ties.Tie(tested, [0, 1]), ties.Tie(tested, [0, 1], alike=True)):
        assert tie.left([0]) == pytest.approx(1.0)
        assert tie.left([0, 1]) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("scale", [1.0, 4.0])
def test_slopes_of_a_tie_are_told_for_one_unit_of_each(scale):
    """However far its entries were moved."""
    report = judged(lambda x: float(np.max(x)), scale * TIED, 1, 1, 0)
    assert any("with slope 1, and the claims give 2" in note for note in report.notes)


@pytest.mark.parametrize(("noise", "adds"), [(0.8, True), (1.3, False)])
def test_where_f_stands_still_it_adds_up_to_a_4096th_of_what_is_claimed(noise, adds):
    """But for its noise; else slopes of nothing but noise would be looked at from hundreds of places."""
    claim, way = np.array([3.0]), [abs(np.random.default_rng(way).uniform(-1.0, 1.0)) for way in range(2)]
    step = noise * min(way) * 3.0 / 4096 * 2.0**-26
    tested = under_test(lambda x: float(step * (x[0] != 1.0)), claim, np.array([1.0]))
    tested.columns.with_sides()
    tested.columns.lefts[:] = tested.columns.rights[:] = 0.0
    assert ties._adds_up(tested, np.arange(1)) is adds


def test_a_function_that_stands_still_is_looked_at_from_few_places():
    """As the sum of what a softmax returns, whatever is claimed."""

    def total(x):
        parts = np.exp(x - x.max())
        return float((parts / parts.sum()).sum())

    x = np.random.default_rng(0).standard_normal(10)
    report = check_gradients(total, x, grad=lambda x: np.exp(x) / np.exp(x).sum())
    assert named(report) == {f"x[{k}]" for k in range(10)}
    assert report.evaluations < 1000  # 3030 if its noise is taken for a tie
