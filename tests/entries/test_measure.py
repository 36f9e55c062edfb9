"""Every chosen tensor is measured as far as was asked, and held to what the others move."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import Oracle, Verdict
from gradcheck._entries import joint
from gradcheck._entries import measure as module
from gradcheck._entries.compared import Compared
from gradcheck._entries.directions import FEWEST
from gradcheck._entries.measure import Extent, measured
from gradcheck._entries.table import LARGE
from gradcheck._judge.tolerance import NONE
from gradcheck._model.subject import Subject

W, B = np.linspace(0.2, 2.0, 30), np.array([0.5])


def f(p):
    return float(np.sin(p["W"]).sum() + p["b"][0] ** 2)


def df(p):
    return {"W": np.cos(p["W"]), "b": 2 * p["b"]}


def run(grad=df, point=None, f=f, entries="auto", neighbours=0, rtol=None):
    """Return the tensors, by name."""
    point = {"W": W, "b": B} if point is None else point
    subject = Subject.of(Oracle(point, f, grad), promote=False).settled()
    extent = Extent(0, entries, neighbours, rtol, NONE)
    return measured(subject, subject.claims(), extent, subject)


def test_a_wrong_entry_of_one_tensor_is_found_and_no_other():
    """By its index."""
    tensors = run(lambda p: df(p) | {"W": np.cos(p["W"]) * (1 + (np.arange(30) == 7))})
    assert [e.name for t in tensors.values() for e in t.entries(Verdict.WRONG)] == ["W[7]"]


def test_all_entries_of_all_tensors_are_measured():
    """In the order of the point."""
    tensors = run()
    assert [(t.name, t.checked, t.verdict) for t in tensors.values()] == [
        ("W", 30, Verdict.CORRECT),
        ("b", 1, Verdict.CORRECT),
    ]


def test_a_kink_is_not_judged():
    """Of the entries, that which has it."""
    point = {"W": np.array([0.0, 1.0]), "b": B}
    tensors = run(
        lambda p: {"W": np.array([0.3, 1.0]), "b": 2 * p["b"]},
        point,
        lambda p: float(np.abs(p["W"]).sum() + p["b"][0] ** 2),
    )
    assert tensors["W"].codes.tolist() == [Verdict.KINK, Verdict.CORRECT]


@pytest.mark.parametrize(("entries", "checked"), [(5, 5), (30, 30), (99, 30), ("all", 30)])
def test_as_many_entries_are_measured_as_are_asked_for(entries, checked):
    """Others of a tensor are not judged; a tensor that has fewer is measured whole."""
    tensors = run(entries=entries)
    assert len(set(tensors["W"].flat.tolist())) == tensors["W"].checked == checked
    assert tensors["b"].checked == 1


@pytest.mark.parametrize(
    ("size", "means"), [(LARGE, "one by one"), (4 * LARGE, "4 random directions, and 156 entries")]
)
def test_a_large_tensor_is_screened(size, means):
    """By random directions, with a sample of entries besides."""
    tensors = run(lambda p: {"x": np.ones(size)}, {"x": np.ones(size)}, lambda p: float(p["x"].sum()))
    assert tensors["x"].means.startswith(means)
    assert tensors["x"].verdict is Verdict.CORRECT


def test_the_users_own_rtol_is_the_standard():
    """An error of a thousandth matters, unless he says that it does not."""

    def off(p):
        return {name: 1.001 * claim for name, claim in df(p).items()}

    assert {t.verdict for t in run(off).values()} == {Verdict.WRONG}
    assert {t.verdict for t in run(off, rtol=1e-2).values()} == {Verdict.CORRECT}


def test_what_moves_nothing_beside_what_does_is_no_mistake():
    """A bias whose gradient is but the rounding of sums that cancel, beside weights that move f."""

    def weights_alone(p):
        return float(np.sin(p["W"]).sum()) + 0 * p["b"][0]

    for claim, wrong in ((1e-17, 0), (1e-3, 1)):
        tensors = run(lambda p, claim=claim: df(p) | {"b": np.array([claim])}, f=weights_alone)
        assert tensors["b"].wrong == wrong


def test_neighbours_are_visited_where_nothing_was_wrong_here():
    """A gradient that holds only at the given point is found out nearby."""

    def stale(p):
        return df({"W": W, "b": p["b"]})

    assert run(stale)["W"].wrong == 0
    tensors = run(stale, neighbours=1)
    assert tensors["W"].wrong > 0
    assert tensors["b"].wrong == 0
    assert next(iter(tensors["W"].entries(Verdict.WRONG))).where != "the given point"


def test_noise_is_measured_once_for_all_tensors():
    """A further tensor of ten entries costs its ladders and two evaluations for each of the others."""
    spent = []
    for count in (10, 20):
        point = {f"w{n}": np.linspace(0.5, 1.5, 10) for n in range(count)}
        subject = Subject.of(
            Oracle(
                point,
                lambda p: float(sum(np.sin(w).sum() for w in p.values())),
                lambda p: {k: np.cos(w) for k, w in p.items()},
            ),
            promote=False,
        ).settled()
        tensors = measured(subject, subject.claims(), Extent(0, "auto", 0, None, NONE), subject)
        assert {t.verdict for t in tensors.values()} == {Verdict.CORRECT}
        spent.append(subject.evaluations)
    assert spent[1] - spent[0] <= 10 * 48


def many(number, wrong=(), entries="auto"):
    """Return the results of so many tensors of three entries, some off by 1 % in one, and what they cost."""
    point = {f"w{n}": np.linspace(0.5, 1.5, 3) + n / number for n in range(number)}

    def claims(p):
        return {k: np.cos(w) * np.where((np.arange(3) == 1) & (k in wrong), 1.01, 1.0) for k, w in p.items()}

    oracle = Oracle(point, lambda p: float(sum(np.sin(w).sum() for w in p.values())), claims)
    subject = Subject.of(oracle, promote=False).settled()
    tensors = measured(subject, subject.claims(), Extent(0, entries, 0, None, NONE), subject)
    return tensors, subject.evaluations


def test_of_very_many_tensors_those_are_measured_that_do_not_agree_along_directions(monkeypatch):
    """Two directions through all of them, and a few tensors besides; the wrong one is named by its entry."""
    monkeypatch.setattr(module, "MANY", 100)
    tensors, spent = many(120, {"w7"})
    assert spent < 800 < many(100)[1]
    assert [e.name for t in tensors.values() for e in t.entries(Verdict.WRONG)] == ["w7[1]"]
    alike = [t for t in tensors.values() if t.means == joint.MEANS]
    assert len(alike) > module.MANY
    assert all(t.verdict is Verdict.CORRECT and t.resolution < 1e-3 for t in alike)
    assert sum(t.checked == 3 for t in tensors.values()) >= FEWEST


def test_the_noise_of_tensors_that_are_looked_at_together_is_four_roundings_of_f():
    """Unless more is known of it."""
    subject = Subject.of(Oracle({"W": W, "b": B}, f, df), promote=False).settled()
    claims, extent = subject.claims(), Extent(0, "auto", 0, None, NONE)
    held, rng = module.standards(subject, claims, extent), np.random.default_rng(0)
    sweep = module.Sweep(subject, claims, extent, subject, rng, held, module.Record({}, {}), Compared())
    for known, times in ((0.0, 4.0), (9 * subject.rounding(), 9.0)):
        noise = [tested.sigma / subject.rounding() for tested in sweep.all_under_test(["W", "b"], known)]
        assert noise == [pytest.approx(times)] * 2


@pytest.mark.parametrize(("more", "entries"), [(0, "auto"), (1, "all")])
def test_every_entry_is_measured_where_that_is_affordable_or_asked_for(more, entries, monkeypatch):
    """However many tensors there are."""
    monkeypatch.setattr(module, "MANY", 20)
    tensors, _ = many(20 + more, entries=entries)
    assert {t.checked for t in tensors.values()} == {3}


def test_what_a_tensor_taught_serves_the_next_one():
    """Whole ladders that confirm the first rungs of noisy entries are climbed a few times in all."""
    point = {f"w{n}": np.linspace(0.5, 1.5, 2) + n / 40 for n in range(40)}

    def noisy(p):
        sines = float(sum(np.sin(w).sum() for w in p.values()))
        return sines + 3e-12 * float(np.random.default_rng([*p["w0"].tobytes(), *p["w39"].tobytes()]).uniform(-1, 1))

    oracle = Oracle(point, noisy, lambda p: {k: np.cos(w) for k, w in p.items()})
    subject = Subject.of(oracle, promote=False).settled()
    tensors = measured(subject, subject.claims(), Extent(0, "auto", 0, None, NONE), subject)
    assert {t.verdict for t in tensors.values()} == {Verdict.CORRECT}
    assert subject.evaluations < 40 * 32


def test_a_tensor_that_is_noisier_than_all_at_once_is_listened_to():
    """One that stands on stairs of float32 is known no better than they let it; its claim is right, and judged so."""
    point = {"a": np.linspace(0.5, 1.5, 10), "b": np.linspace(0.5, 1.5, 10)}

    def stepped(p):
        return float(np.sin(p["a"]).sum() + np.sin(p["b"].astype(np.float32).astype(np.float64)).sum())

    tensors = run(lambda p: {k: np.cos(w) for k, w in p.items()}, point, stepped)
    assert {name: t.verdict for name, t in tensors.items()} == {"a": Verdict.CORRECT, "b": Verdict.CORRECT}
    wrong = run(lambda p: {"a": np.cos(p["a"]), "b": 1.1 * np.cos(p["b"])}, point, stepped)
    assert {name: t.verdict for name, t in wrong.items()} == {"a": Verdict.CORRECT, "b": Verdict.WRONG}


def test_only_some_tensors_are_measured_where_the_others_are_known():
    """The others have their claims and nothing else, and are untested."""
    subject = Subject.of(Oracle({"W": W, "b": B}, f, lambda p: {"W": 2 * np.cos(p["W"]), "b": p["b"]}), promote=False)
    subject = subject.settled()
    tensors = measured(subject, subject.claims(), Extent(0, "all", 0, None, NONE, only=("b",)), subject)
    assert [(t.verdict, t.checked) for t in tensors.values()] == [(Verdict.UNTESTED, 30), (Verdict.WRONG, 1)]
    assert np.isnan(tensors["W"].estimates).all()


def test_each_tensor_gets_its_share_of_the_evaluations():
    """The first does not take all of them; what was not measured is undecided."""
    point = {"W": np.linspace(0.2, 2.0, 300), "b": np.linspace(0.2, 2.0, 30)}

    def g(p):
        return float(np.sin(p["W"]).sum() + (p["b"] ** 2).sum())

    subject = Subject.of(Oracle(point, g, lambda p: {"W": np.cos(p["W"]), "b": 2 * p["b"]}), promote=False).settled()
    subject.tally.most = subject.evaluations + 350
    tensors = measured(subject, subject.claims(), Extent(0, "auto", 2, None, NONE), subject)
    assert 0 < tensors["W"].counts[Verdict.CORRECT] < 300
    assert tensors["W"].verdict is Verdict.UNDECIDED
    assert tensors["b"].counts[Verdict.CORRECT] > 2
    assert subject.evaluations <= subject.tally.most
    assert "entries of W" in next(iter(subject.tally.undone))


@pytest.mark.parametrize(
    ("own", "others", "left", "part"),
    [
        (100, 300, 10**6, 1 - 600 / 10**6),
        (100, 300, 700, 0.25),
        (100, 300, 1000, 0.4),
        (100, 0, 5, 1.0),
        (1, 3, 0, 0.25),
    ],
)
def test_a_tensor_takes_what_the_others_leave(own, others, left, part):
    """Twice what they need is kept for them; it has its share of what there is, however little."""
    assert module._share(own, others, left) == pytest.approx(part)


def test_what_a_tensor_costs_where_it_is_right():
    """Two evaluations for each entry that is measured, its noise, and two ladders."""
    assert [module.price(size) for size in (1, 10)] == [58, 76]
    assert module.price(1000 * LARGE) == 56 + 2 * 8


@pytest.mark.parametrize(("times", "shared"), [(1000.0, True), (1050.0, False)])
def test_noise_of_a_thousand_roundings_may_be_that_of_all_tensors(times, shared, monkeypatch):
    """More of it has another cause, and each tensor its own; so where there is but one, or too many numbers."""
    subject = Subject.of(Oracle({"W": W, "b": B}, f, df), promote=False).settled()
    noise = times * subject.rounding()
    monkeypatch.setattr(module, "noise_through", lambda *_: noise)
    rng = np.random.default_rng(0)
    assert module._noise_together(subject, rng) == (noise if shared else 0.0)
    monkeypatch.setattr(module, "VAST", 31)
    assert module._noise_together(subject, rng) == (noise if shared else 0.0)
    monkeypatch.setattr(module, "VAST", 30)
    assert module._noise_together(subject, rng) == 0
    alone = Subject.of(Oracle({"W": W}, lambda p: float(p["W"].sum()), lambda p: p), promote=False).settled()
    assert module._noise_together(alone, rng) == 0
    narrow = Subject.of(Oracle({"W": W.astype(np.float32), "b": B}, f, df), promote=False).settled()
    assert module._noise_together(narrow, rng) == 0


def test_a_claim_is_held_to_what_others_move():
    """Over their typical step, in units of its own; a claim without end is no size."""
    point = {"a": np.array([2.0, 2.0]), "b": np.array([0.5, 0.5]), "c": np.array([8.0])}
    claims = {"a": np.array([3.0, -7.0]), "b": np.array([1.0, np.inf]), "c": np.array([0.25], dtype=np.float32)}
    subject = Subject.of(Oracle(point, lambda _: 0.0, lambda p: p), promote=False).settled()
    held = module.standards(subject, claims, Extent(0, "all", 0, 1e-3, NONE))
    assert {path: standard.largest for path, standard in held.items()} == {"a": 7.0, "b": 1.0, "c": 0.25}
    assert {path: standard.elsewhere for path, standard in held.items()} == {"a": 1.0, "b": 28.0, "c": 1.75}
    assert [standard.rounding for standard in held.values()] == [2.0**-52, 2.0**-52, 2.0**-23]
    assert all(standard.rtol == 1e-3 for standard in held.values())
    alone = module.standards(subject, {"a": claims["a"]}, Extent(0, "all", 0, None, NONE))
    assert alone["a"].elsewhere == 0
