"""Is every wrong entry found by its place, and how many evaluations does that take?"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from tested import under_test

from gradcheck import Verdict
from gradcheck._entries import direction, located
from gradcheck._entries.located import locate
from gradcheck._results.estimate import Estimate

SIZE = 4096
X = np.random.default_rng(0).uniform(0.5, 2.0, SIZE)


def searched(off, x=X):
    """Return which entries are called wrong, and how many evaluations it took to find them."""
    tested = under_test(lambda x: float(np.sum(np.sin(x) * x)), np.cos(x) * x + np.sin(x) + off, x)
    before = tested.subject.evaluations
    locate(tested)
    return np.flatnonzero(tested.columns.codes == Verdict.WRONG), tested.subject.evaluations - before


@pytest.mark.parametrize("error", [1.0, -1e-2, 1e-4, 1e-5])
@pytest.mark.parametrize("where", [0, 1234, SIZE - 1])
def test_a_single_error_is_found_by_its_place(error, where):
    """A quotient tells it to many digits; halving takes 4 evaluations twelve times."""
    off = np.zeros(SIZE)
    off[where] = error
    found, evaluations = searched(off)
    assert found.tolist() == [where]
    assert evaluations < 95 or error < 1  # a slight error is looked at long before it is called one


@pytest.mark.parametrize("count", [2, 5, 20, 100])
@pytest.mark.parametrize("seed", range(3))
def test_several_errors_are_all_found(count, seed):
    """Of any sizes and signs, wherever they lie; some hide in the halves of others."""
    rng = np.random.default_rng(seed)
    where = np.sort(rng.choice(SIZE, count, replace=False))
    off = np.zeros(SIZE)
    off[where] = rng.choice([-1, 1], count) * 10.0 ** rng.uniform(-3, 0, count)
    found, evaluations = searched(off)
    assert found.tolist() == where.tolist()
    assert evaluations < 100 * count + 500


def test_a_block_of_equal_errors_is_found_whole():
    """A row of a matrix."""
    off = np.zeros(SIZE)
    off[640:704] = 0.01
    assert searched(off)[0].tolist() == list(range(640, 704))


def test_nothing_is_found_where_nothing_is_wrong():
    """At the price of one look."""
    found, evaluations = searched(np.zeros(SIZE))
    assert found.tolist() == []
    assert evaluations == 8


def test_pairs_that_cancel_are_found():
    """Two entries exchanged: along equal signs nothing would be left of them."""
    off = np.zeros(SIZE)
    off[[7, 3000]] = 0.01, -0.01
    assert searched(off)[0].tolist() == [7, 3000]


def test_what_lies_in_one_place_is_no_jump_of_all():
    """A solver that stops early would move the others as well: its jumps are not looked for along all of the tensor."""
    tested = under_test(lambda x: float(np.sin(x).sum()), np.cos(X) * (1 + 1e-2 * (np.arange(len(X)) == 700)), X)
    assert [*locate(tested)] == [700]
    assert tested.experience.sought
    assert tested.tally.phases["second opinions"] < 250  # with those of the tensor about 450


class Scripted(located._Search):
    """A search whose looks are answered from a list; what was looked at is remembered."""

    def look(self, members, off=0.0, weights=1.0):
        self.tested.looks.append((members.tolist(), off, weights))
        found, unknown, tells = self.drawn.pop(0)
        return located._Part(members, found, unknown, tells)


def search(*answers):
    return Scripted(SimpleNamespace(looks=[], experience=SimpleNamespace(sought=False)), list(answers), None)


def part(count, off=1.0, unknown=0.01, start=0):
    return located._Part(np.arange(start, start + count), off, unknown)


@pytest.mark.parametrize(
    ("first", "whole", "again"),
    [
        ((0.2, 0.01, True), part(8), False),
        ((0.9, 0.01, True), part(8), True),  # too little is known of the rest
        ((0.79, 0.01, True), part(8), False),
        ((0.81, 0.01, True), part(8), True),
        ((1.21, 0.01, True), part(8), False),
        ((0.2, 0.01, False), part(8), True),
        ((0.2, 0.01, True), part(8, off=np.inf), True),
    ],
)
def test_what_the_first_half_does_not_explain_is_in_the_second(first, whole, again):
    """Unless that is known too badly: to a tenth; then it is looked at as well."""
    made = search(first, (0.7, 0.001, True))
    halves = made._halved(whole)
    assert [looked[0] for looked in made.tested.looks] == [[0, 1, 2, 3], *([[4, 5, 6, 7]] if again else [])]
    assert [looked[1] for looked in made.tested.looks] == [whole.off] * (1 + again)
    assert halves[0].members.tolist() == [4, 5, 6, 7]
    assert halves[0].off == pytest.approx(0.7 if again else 1.0 - first[0])
    assert halves[0].unknown == pytest.approx(0.001 if again else 0.02)
    assert (len(halves) == 2) is first[2]


def test_where_neither_half_disagrees_single_entries_are_measured():
    """Of two there is nothing to halve; of more nothing is known then."""
    halves = search((0.0, 0.5, True), (0.0, 0.5, True))._halved(part(2))
    assert [(half.members.tolist(), half.off, half.unknown) for half in halves] == [([1], np.inf, 0), ([0], np.inf, 0)]
    assert search((0.0, 0.5, True), (0.0, 0.5, True))._halved(part(4)) == []
    three = search((0.0, 0.5, True), (0.0, 0.5, True))._halved(part(3))
    assert [half.members.tolist() for half in three] == [[2]]


@pytest.mark.parametrize("off", [1.0, -4.0])
@pytest.mark.parametrize(
    ("place", "coded", "unknown", "window"),
    [
        (60, 0.01, 0.0, range(59, 62)),
        (60, 0.02, 0.0, range(58, 63)),
        (60, 0.0, 0.1, range(58, 63)),
        (60, 0.018, 0.1, range(57, 64)),
        (0, 0.01, 0.0, range(2)),
    ],
)
def test_a_place_is_known_as_well_as_both_differences_are(place, coded, unknown, window, off):
    """And half as well again; in a window around it the difference must be."""
    at = -1 + place / 50
    made = search((at * off, coded * abs(off), True), (off, 0.01, True))
    found = made._narrowed(part(101, off, unknown * abs(off)))
    assert made.tested.looks[1][0] == list(window)
    assert found.members.tolist() == list(window)
    assert made.tested.looks[0][1] == pytest.approx(0.1 * off)
    assert made.tested.looks[0][2].tolist() == np.linspace(-1, 1, 101).tolist()


@pytest.mark.parametrize(
    ("count", "off", "coded", "there", "narrowed"),
    [
        (8, 1.0, (0.0, 0.01, True), (1.0, 0.01, True), True),
        (7, 1.0, (0.0, 0.01, True), (1.0, 0.01, True), False),
        (101, np.inf, (0.0, 0.01, True), (1.0, 0.01, True), False),
        (101, 1.0, (0.0, 0.01, False), (1.0, 0.01, True), False),
        (101, 1.0, (0.0, 0.3, True), (1.0, 0.01, True), True),
        (101, 1.0, (0.0, 0.35, True), (1.0, 0.01, True), False),  # halving narrows as well
        (101, 1.0, (0.0, 0.01, True), (1.45, 0.01, True), True),
        (101, 1.0, (0.0, 0.01, True), (1.55, 0.01, True), False),  # it lies elsewhere, too
        (101, 1.0, (0.0, 0.01, True), (0.45, 0.01, True), False),
        (101, 1.0, (0.0, 0.01, True), (0.8, 0.9, True), False),
        (101, 1.0, (3.0, 0.01, True), (1.0, 0.01, True), True),
    ],
)
def test_a_difference_in_one_place_is_narrowed_to_it(count, off, coded, there, narrowed):
    """Of eight entries or more, into half of them or fewer, if half of it at least is there."""
    made = search(coded, there)
    assert (made._narrowed(part(count, off)) is not None) is narrowed
    assert made.tested.experience.sought is narrowed  # a jump of all would be in other places, too


@pytest.mark.parametrize(
    ("value", "kink", "off", "tells"),
    [(1.0, False, 2.0, True), (np.inf, False, np.inf, True), (1.0, True, 2.0, False), (np.nan, False, np.nan, False)],
)
def test_a_look_tells_by_how_much_a_slope_is_off(value, kink, off, tells, monkeypatch):
    """Known to a tenth of what is looked for; by any amount where it has no end, and nothing at a kink."""
    asked = []
    slope = direction.Slope(3.0, Estimate(value, 0.25, value, value, kink=kink), 0.5)
    monkeypatch.setattr(located, "along", lambda *given: asked.append(given) or slope)
    drawn = np.array([1.0, -2.0, 1.5])
    made = located._Search("tested", drawn, "believed")
    found = made.look(np.array([0, 2]), -4.0, np.array([1.0, 0.5]))
    assert found.off == off or np.isnan(off)
    assert found.tells is tells
    assert found.unknown == (0.0 if np.isinf(value) else 0.75)
    ((tested, members, weights, believed, enough),) = asked
    assert (tested, members.tolist(), weights.tolist(), believed) == ("tested", [0, 2], [1.0, 0.75], "believed")
    assert enough == pytest.approx(0.4)
    made.look(np.array([0]), np.inf)
    assert asked[-1][-1] == 0.0


def test_the_search_ends_where_the_pattern_is_plain():
    """With 256 entries, though more are wrong."""
    off = np.zeros(SIZE)
    off[np.random.default_rng(1).choice(SIZE, 600, replace=False)] = 0.5
    found, _ = searched(off)
    assert len(found) == 256


def test_no_more_is_searched_where_a_thousand_entries_were_measured(monkeypatch):
    """Four times as many as are to be found: something hides them, as noise does."""
    searches = []

    class Search:
        def __init__(self, *_):
            searches.append(self)

        def look(self, _):
            return SimpleNamespace(disagrees=True)

        def run(self, _, measured):
            measured.update(dict.fromkeys(range(len(measured), len(measured) + 256)))

    monkeypatch.setattr(located, "_Search", Search)
    assert len(locate(under_test(lambda x: float(x.sum()), np.ones(4096), np.ones(4096)), 99)) == 1024
    assert len(searches) == 4
