"""Is every entry of a network's weights judged by shifts, at the price of few calls, and what is wrong found?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tested import under_test
from wrong_layers import Spoiled, one_entry

from gradcheck import Verdict, check_gradients
from gradcheck._entries.sites import measure
from gradcheck.networks import CrossEntropy, Dense, ReLU, Tanh, mlp, parameters

RNG = np.random.default_rng(5)
X = RNG.standard_normal((12, 40))
LOSS = CrossEntropy(RNG.integers(0, 6, 12))
SHIFTS = "shifts of pre-activations"


def a_row(G):
    G[3] *= 1.01
    return G


@pytest.mark.parametrize("act", [Tanh(), ReLU()], ids=["tanh", "relu"])
@pytest.mark.parametrize(
    ("name", "how", "wrong"),
    [
        ("layers[0].W", one_entry, 1),
        ("layers[0].W", a_row, 30),
        ("layers[0].W", lambda G: 2 * G, 40 * 30),
        ("layers[0].b", lambda b: 0 * b, 30),
        ("layers[2].W", one_entry, 1),
    ],
    ids=["one", "row", "all", "bias", "last"],
)
def test_what_is_wrong_is_found_entry_by_entry(act, name, how, wrong, monkeypatch):
    """Nothing else is accused, and dead units are not called wrong; nobody asks why, which would take long."""
    monkeypatch.setattr("gradcheck._diagnose.conclusion.recognised", lambda _: None)
    net = mlp((40, 30, 6), act, np.random.default_rng(6))
    alive = parameters(_gradient(net))[name] != 0
    report = check_gradients(Spoiled(net, name, how), X, loss=LOSS)
    found = report.tensors[f"inner.{name}"]
    counted = wrong if wrong in {1, 30 * (name[-1] == "b")} else int((alive & (how(alive * 1.0) != alive)).sum())
    assert found.wrong == counted
    assert report.counts[Verdict.WRONG] == counted
    assert found.means == SHIFTS


def _gradient(net):
    y, back = net.forward(X)
    return back(LOSS.forward(y)[1]()[0])[1]


@pytest.mark.parametrize(("inputs", "outputs", "means"), [(15, 16, SHIFTS), (14, 17, "one by one")])
def test_two_hundred_and_fifty_six_entries_are_worth_the_shifts(inputs, outputs, means):
    """One less is cheaper measured one by one."""
    x, loss = RNG.standard_normal((9, inputs)), CrossEntropy(RNG.integers(0, outputs, 9))
    report = check_gradients(Dense.random(inputs, outputs, RNG), x, loss=loss, wrt=["W", "b"], neighbours=0)
    assert {tensor.means for tensor in report.tensors.values()} == {means}


def test_all_entries_of_a_right_network_take_few_calls():
    """One by one they are 1,832, and twice as many evaluations."""
    report = check_gradients(mlp((40, 30, 6), Tanh(), RNG), X, loss=LOSS)
    assert report.verdict is Verdict.CORRECT
    assert report.checked == 40 * 30 + 30 + 30 * 6 + 6 + 12 * 40
    assert report.evaluations < 100
    assert max(t.resolution for t in report.tensors.values()) < 1e-6


def test_more_entries_than_are_measured_one_by_one_are_all_measured():
    """The cliff at ten thousand is none for them."""
    x = RNG.standard_normal((4, 200))
    report = check_gradients(mlp((200, 80, 3), Tanh(), RNG), x)
    assert report.tensors["layers[0].W"].checked == 16_000


@pytest.mark.parametrize("keywords", [{"entries": 7}, {"wrt": "layers[2].*"}, {"max_evaluations": 30}])
def test_what_the_user_says_is_heeded(keywords):
    """So many entries, these tensors, no more calls."""
    report = check_gradients(mlp((40, 30, 6), Tanh(), RNG), X, loss=LOSS, neighbours=0, **keywords)
    if "entries" in keywords:
        assert report.tensors["layers[0].W"].checked == 7
    elif "wrt" in keywords:
        assert set(report.tensors) == {"layers[2].W", "layers[2].b"}
    else:
        assert report.evaluations <= 30


DOUBLED = Spoiled(mlp((40, 30, 6), Tanh(), np.random.default_rng(6)), "layers[0].W", lambda G: 2 * G)


def test_what_is_wrong_throughout_takes_one_ladder_and_few_entries(monkeypatch):
    """The slopes hold through the whole function; where they do not, each is measured otherwise."""
    report = check_gradients(DOUBLED, X, loss=LOSS)
    assert report.tensors["inner.layers[0].W"].wrong == 40 * 30
    assert report.spent["ladders"] < 2 * report.spent["noise"]
    assert "two evaluations an entry" not in report.spent
    monkeypatch.setattr("gradcheck._entries.sites.measure.holds", lambda *_: False)
    doubted = check_gradients(DOUBLED, X, loss=LOSS)
    assert doubted.tensors["inner.layers[0].W"].wrong == 40 * 30
    assert doubted.spent["two evaluations an entry"] > 0


def test_slopes_that_a_ladder_contradicts_accuse_nobody(monkeypatch):
    """Were the shifts off by half, a right gradient would seem wrong: what the whole function says is what counts."""
    of_site = measure.of_site

    def halved(site, found):
        return of_site(site, replace(found, slopes=found.slopes / 2))

    monkeypatch.setattr(measure, "of_site", halved)
    monkeypatch.setattr(measure, "audited", lambda tensors, _: list(tensors))
    report = check_gradients(DOUBLED.inner, X, loss=LOSS)
    assert report.verdict is Verdict.CORRECT
    assert all(t.means != SHIFTS for t in report.tensors.values())


def test_no_jump_is_looked_for_along_all_where_one_entry_of_many_is_wrong():
    """A solver that stops early moves all of them, and all others agree; where many seem wrong it is looked for."""
    slight = 1 + 1e-3
    net = DOUBLED.inner
    one = check_gradients(Spoiled(net, "layers[0].W", lambda G: one_entry(G, by=slight)), X, loss=LOSS)
    all_ = check_gradients(Spoiled(net, "layers[0].W", lambda G: slight * G), X, loss=LOSS)
    assert (len(one.wrong), len(all_.wrong)) == (1, 40 * 30)
    assert one.spent["second opinions"] < 200 < all_.spent["second opinions"]


class Made:
    """Slopes of entries that are made up, in blocks of one row."""

    def __init__(self, slopes, unknown=1e-9, moved=1.0):
        self.slopes = np.atleast_2d(np.asarray(slopes, dtype=float))
        self.unknown = np.broadcast_to(unknown, self.slopes.shape)
        self.moves = np.broadcast_to(moved, self.slopes.shape)
        self.path = "x"

    def blocks(self):
        rows, columns = self.slopes.shape
        for row in range(rows):
            yield slice(row, row + 1), slice(row * columns, (row + 1) * columns)

    def some(self, rows):
        return self.slopes[rows], self.unknown[rows]

    def moved(self, rows):
        return self.moves[rows]


RIGHT, WRONG, OPEN, UNTESTED = Verdict.CORRECT, Verdict.WRONG, Verdict.UNDECIDED, Verdict.UNTESTED


def claimed(claims):
    return under_test(lambda x: float(x.sum()), np.asarray(claims, float), np.ones(len(claims)), sigma=1e-300)


def judged(claims, made, **standard):
    """Return what seems wrong of some entries, and the tensor."""
    tested = measure._with_all(claimed(claims))
    tested = replace(tested, standard=replace(tested.standard, **standard))
    seem = measure._judge(tested, made, slice(0, 1), slice(0, len(claims)))
    return seem.tolist(), tested.columns.codes.tolist(), tested


@pytest.mark.parametrize(
    ("claim", "slope", "unknown", "moved", "code"),
    [
        (1.0, 1.0, 1e-9, 1.0, RIGHT),
        (1.0, 1 + 0.9e-3, 1e-3, 1.0, RIGHT),
        (1.0, 1 + 1.1e-3, 1e-3, 1.0, OPEN),
        (1.0, 1 - 1.1e-3, 1e-3, 1.0, OPEN),
        (1.0, 1 + 0.4e-6, 0.0, 1.0, RIGHT),
        (1.0, 1.0, 0.011, 1.0, OPEN),
        (np.inf, 1.0, 1e-9, 1.0, OPEN),
        (0.0, 0.0, 1e-9, 0.0, UNTESTED),
        (0.0, 0.0, 1e-9, 1.0, RIGHT),
        (0.0, 1e-12, 1e-9, 0.0, RIGHT),
        (1e-12, 0.0, 1e-9, 0.0, RIGHT),
    ],
)
def test_what_shifts_say_of_an_entry(claim, slope, unknown, moved, code):
    """Right within what is unknown and what does not matter, where it is sharp; zero on both sides is untested."""
    seem, codes, tested = judged([claim, 1.0], Made([slope, 1.0], [unknown, 1e-9], [moved, 1.0]))
    assert codes == [code, RIGHT]
    assert seem == [0] * (code is OPEN)
    assert tested.columns.estimates[0] == tested.columns.lefts[0] == tested.columns.rights[0] == slope
    assert tested.columns.uncertainties[0] == unknown


@pytest.mark.parametrize(("hollow", "code"), [(False, UNTESTED), (True, RIGHT)])
def test_what_is_negligible_beside_other_tensors_is_untested(hollow, code):
    """Though it is blunt; a hollow claim of nothing is right."""
    _, codes, _ = judged([1e-12, 1e-12], Made([1e-12] * 2, 1e-10), elsewhere=1.0, largest=1e-12, hollow=hollow)
    assert codes == [code] * 2


@pytest.mark.parametrize(
    ("off", "unknown", "gross"),
    [(0.9, 1e-3, False), (1.1, 1e-3, True), (-1.1, 1e-3, True), (0.9, 0.0, False), (1.1, 0.0, True)],
)
def test_which_entries_are_off_by_far(off, unknown, gross):
    """By a hundred times what is unknown and what does not matter, together."""
    tested = claimed([1.0, 1.0])
    slope = 1 + off * 100 * (unknown + 5e-7)
    tested.columns.estimates[:], tested.columns.uncertainties[:] = slope, unknown
    assert measure._gross(tested, np.array([1])).tolist() == [gross]


@pytest.mark.parametrize(
    ("off", "code", "borne_out"),
    [
        (0.9, RIGHT, True),
        (1.1, RIGHT, False),
        (-1.1, WRONG, False),
        (1.1, OPEN, True),
        (np.inf, RIGHT, True),
    ],
)
def test_what_was_measured_one_by_one_bears_slopes_out(off, code, borne_out):
    """Within both uncertainties, and what does not matter; what is not decided says nothing."""
    tested = claimed([1.0, 1.0])
    room = 1e-3 + 2e-3 + 5e-7
    tested.columns.estimates[:], tested.columns.uncertainties[:] = 1 + off * room, 2e-3
    tested.columns.codes[:] = code
    assert measure._borne_out(tested, np.array([1]), np.array([1.0]), np.array([1e-3])) is borne_out


@pytest.mark.parametrize(("size", "most", "number"), [(3, 3, 3), (4, 3, 3), (2, 3, 2)])
def test_some_entries_are_chosen_once(size, most, number):
    """All, if they are so few."""
    for seed in range(10):
        found = measure._some(np.random.default_rng(seed), np.arange(size), most)
        assert len({*found.tolist()}) == number
    assert measure._some(np.random.default_rng(0), np.arange(3), 3).tolist() == [0, 1, 2]


def suspected(monkeypatch, offs, *, right=False, borne_out=True, again=None, most=4):
    """Return what becomes of a tensor whose entries seem to be off by so much, and which were measured each time."""
    tested, asked = claimed(np.ones(len(offs))), []

    def measured(tested, which, _):
        asked.append(which.tolist())
        tested.columns.codes[which] = RIGHT if right else WRONG

    monkeypatch.setattr(measure.one_by_one, "measure", measured)
    monkeypatch.setattr(measure, "_borne_out", lambda *_: borne_out)
    monkeypatch.setattr(measure, "SUSPECTS", most)
    made = Made(1 + np.asarray(offs).reshape(2, -1))
    return measure._judged(tested, made, lambda _: again), tested, asked


def test_sixty_four_of_many_suspects_are_measured_at_once(monkeypatch):
    """Half of them among those that are off by far."""
    offs = np.where(np.arange(200) < 100, 1.0, 1e-5)
    _, _, asked = suspected(monkeypatch, offs, most=measure.SUSPECTS)
    assert [sum(k < 100 for k in asked[0]), sum(k >= 100 for k in asked[0])] == [32, 32]


def test_suspects_are_measured_and_speak_for_those_that_are_off_by_far(monkeypatch):
    """Two of them, and two of the others; if they are wrong, so are all that are as far off."""
    offs = np.where(np.arange(10) < 6, 1.0, 1e-5)
    offs[9] = 0.0
    found, tested, asked = suspected(monkeypatch, offs)
    assert found is tested
    assert len([k for k in asked[0] if k < 6]) == len([k for k in asked[0] if 6 <= k < 9]) == 2
    assert asked[0] == sorted(asked[0])
    assert (tested.columns.codes[:9] == WRONG).all()
    assert [*asked[0], *asked[1]].count(8) == 1
    assert {*asked[1]} == {6, 7, 8} - {*asked[0]}
    _, tested, asked = suspected(monkeypatch, offs, right=True)
    assert {*asked[1]} == {*range(6)} - {*asked[0]}
    assert (tested.columns.codes == RIGHT).all()
    assert suspected(monkeypatch, offs, borne_out=False)[0] is None
    assert suspected(monkeypatch, np.zeros(10))[2] == []
    other = replace(claimed(np.ones(10)), noise=5.0)
    assert suspected(monkeypatch, offs, again=other)[0].noise == 5.0


@pytest.mark.parametrize(("wrong", "along_all"), [(4, False), (5, True)])
def test_where_a_sixteenth_seems_wrong_no_jump_is_looked_for_along_all(wrong, along_all, monkeypatch):
    """The others agree, and would not if there were one."""
    ruled_out = []
    monkeypatch.setattr(measure, "rule_out_along_all", ruled_out.append)
    suspected(monkeypatch, [1.0] * wrong + [0.0] * (64 - wrong), most=64)
    assert (not ruled_out) is along_all


def test_seven_more_entries_are_measured_through_the_whole_function(monkeypatch):
    """Where the first was, and is wrong."""
    held = []
    monkeypatch.setattr(measure, "holds", lambda _, k, *__: held.append(k) or True)
    tested = claimed(np.ones(40))
    monkeypatch.setattr(tested.tally, "part", True)
    assert measure._confirmed(tested, np.arange(40))
    assert len({*held}) == 7
    held.clear()
    monkeypatch.setattr(tested.tally, "part", False)
    monkeypatch.setattr(measure, "_borne_out", lambda *_: True)
    monkeypatch.setattr(measure, "settle", lambda tested, k, _: tested.columns.codes.__setitem__(k, Verdict.WRONG))
    assert measure._confirmed(tested, np.arange(40))
    most = int(np.flatnonzero(tested.columns.codes == Verdict.WRONG)[0])
    assert len({*held} - {most}) == 7


def test_of_what_is_off_by_far_the_one_that_is_off_by_most_is_measured(monkeypatch):
    """By a whole ladder; what is no number is off by most."""
    asked = []
    monkeypatch.setattr(measure, "settle", lambda _, k, *__: asked.append(k))
    for last, most in ((9.0, 3), (np.nan, 3), (2.0, 0)):
        tested = under_test(lambda x: float(x.sum()), np.array([2.0, 4.0, 3.0, last]), np.ones(4))
        tested.columns.estimates[:] = [-3.0, 1.0, 1.0, 1.0]
        assert not measure._confirmed(tested, np.arange(4))
        assert asked[-1] == most
