"""One wrong entry among twenty thousand is found, and by name, at the price of some hundred evaluations."""

from __future__ import annotations

import re
import zlib

import numpy as np
import pytest
from tested import under_test

from gradcheck import Verdict, check_gradients
from gradcheck._entries import directions
from gradcheck._entries.directions import sampled
from gradcheck._entries.located import ENDED
from gradcheck._entries.table import LARGE

SHAPE = (200, 100)
W = np.random.default_rng(0).normal(size=SHAPE)
A = np.random.default_rng(1).normal(size=100)


def f(W):
    z = np.tanh(W @ A)
    return float(z @ z + np.sin(W).sum() / 2)


def df(W):
    z = np.tanh(W @ A)
    return np.outer(2 * z * (1 - z * z), A) + np.cos(W) / 2


def planted(error, where):
    """Return the gradient with an error at an index."""

    def wrong(W):
        gradient = df(W)
        gradient[where] += error
        return gradient

    return wrong


def seen(report):
    """Return the error of which the note says that it would have been seen."""
    return float(re.search(r"an error above (\S+) in any single entry", report.tensors["W"].note)[1])


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("error", [-1.0, 1e-3, 1e-5])
def test_one_wrong_entry_of_twenty_thousand(error, seed):
    """It is the only one that is called wrong."""
    where = tuple(int(i) for i in np.random.default_rng(seed).integers(SHAPE))
    report = check_gradients(f, W, grad=planted(error, where), seed=seed)
    assert [e.index for e in report.wrong] == [where]
    assert report.evaluations < 3400


def test_twenty_thousand_right_entries():
    """A few hundred evaluations, a sample besides, and the note says what would have been seen."""
    report = check_gradients(f, W, grad=df)
    tensor = report.tensors["W"]
    assert report.verdict is Verdict.CORRECT
    assert tensor.checked == sampled(20_000) == 1250
    assert tensor.means == "4 random directions, and 1250 entries one by one"
    assert seen(report) < 1e-5
    assert report.evaluations < 2800


def test_a_kink_somewhere_is_not_judged():
    """Sixty zeros under an absolute value among twenty thousand: legal, wherever they are met."""
    x = W.copy()
    x[::10, ::30] = 0
    report = check_gradients(lambda W: float(np.abs(W).sum()), x, grad=np.sign, neighbours=0)
    assert report.wrong == ()


def test_a_wrong_block_is_found_entirely():
    """All of its entries and no others, and the diagnosis says where it is."""
    V, block = W[:105], (slice(10, 12), slice(20, 30))

    def wrong(W):
        gradient = df(W)
        gradient[block] *= 2
        return gradient

    report = check_gradients(f, V, grad=wrong, neighbours=0)
    expected = {(i, j) for i in (10, 11) for j in range(20, 30)}
    assert {e.index for e in report.wrong} == expected
    assert "[10:12,20:30]" in report.diagnosis[0]


def test_errors_that_cancel_in_a_sum_do_not_cancel_in_signs():
    """Two entries exchanged: their sum is right, and in half of all directions so is the slope."""
    report = check_gradients(f, W, grad=lambda W: planted(0.01, (3, 5))(W) + df(W) - planted(0.01, (150, 7))(W))
    assert {e.index for e in report.wrong} == {(3, 5), (150, 7)}


@pytest.mark.parametrize("n", [2, 20, 200])
def test_equal_errors_are_all_found(n):
    """They do not cancel, in whatever half they lie; along signs of one size a pair would, half of the time."""
    x, wrong = np.ones(20_000), np.arange(20_000) % (20_000 // n) == 7
    report = check_gradients(lambda x: float(x @ x), x, grad=lambda x: 2 * x + 0.5 * wrong, neighbours=0)
    assert {e.index[0] for e in report.wrong} == set(np.flatnonzero(wrong))


def test_a_search_that_ends_says_so():
    """There may be more than were found."""
    x = np.ones(20_000)
    wrong = np.random.default_rng(0).random(20_000) < 0.03
    report = check_gradients(lambda x: float(x @ x), x, grad=lambda x: 2 * x + 0.5 * wrong, neighbours=0)
    assert (
        ENDED == report.tensors["x"].note == "the search for wrong entries ended when 256 were found; there may be more"
    )
    assert set(np.flatnonzero(wrong)) > {e.index[0] for e in report.wrong}


def test_a_search_ends_where_all_is_wrong():
    """A sample of which most is wrong is enough."""
    x = W[:, :60]
    report = check_gradients(lambda x: float(np.sum(x**2)), x, grad=lambda x: -2 * x, neighbours=0)
    assert len(report.wrong) == sampled(12_000)
    assert report.verdict is Verdict.WRONG


def test_all_entries_if_all_are_asked_for():
    """One by one, without screening."""
    x = W[:, :60]
    report = check_gradients(lambda x: float(np.sum(x**2)), x, grad=lambda x: 2 * x, entries="all", neighbours=0)
    tensor = next(iter(report.tensors.values()))
    assert (tensor.means, tensor.checked, tensor.note) == ("one by one", x.size, "")


# --------------------------------------------------------------------------------- is the note honest?


@pytest.mark.parametrize("seed", range(2))
def test_three_times_the_smallest_visible_error_is_found(seed):
    """What the report says would have been seen is seen."""
    where = tuple(int(i) for i in np.random.default_rng(seed + 10).integers(SHAPE))
    error = 3 * seen(check_gradients(f, W, grad=df, seed=seed, neighbours=0))
    report = check_gradients(f, W, grad=planted(error, where), seed=seed, neighbours=0)
    assert [e.index for e in report.wrong] == [where]


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_three_times_the_smallest_visible_error_is_found_in_noise(seed):
    """With an offset of 1e9, which leaves seven digits."""
    x = W[:105]
    where = tuple(int(i) for i in np.random.default_rng(seed).integers(x.shape))

    def shifted(W):
        return float(np.sum(W * W)) + 1e9

    def wrong(W):
        gradient = 2 * W
        gradient[where] += 3 * known
        return gradient

    known = seen(check_gradients(shifted, x, grad=lambda W: 2 * W, seed=seed, neighbours=0))
    report = check_gradients(shifted, x, grad=wrong, seed=seed, neighbours=0)
    assert [e.index for e in report.wrong] == [where]


@pytest.mark.parametrize("n", [30_000, 40_000])
def test_claims_of_single_precision_are_not_suspected(n):
    """Their rounding adds up like the root of their number, and is not searched for."""
    x = np.random.default_rng(2).normal(size=n)
    report = check_gradients(
        lambda x: float(np.sum(np.sin(x))), x, grad=lambda x: np.cos(x.astype(np.float32)), neighbours=0
    )
    assert report.wrong == ()
    assert "would have been seen" in next(iter(report.tensors.values())).note
    assert report.evaluations < 1000


BLOCK = np.random.default_rng(0).normal(size=(40, 50))


@pytest.mark.parametrize("error", [1e-5, 0.01, 1.0])
def test_a_few_directions_find_one_wrong_entry_among_thousands(error):
    """By its index, when that is all that is asked for."""

    def grad(x):
        g = np.cos(x)
        g[17, 3] *= 1 + error
        return g

    report = check_gradients(lambda x: float(np.sin(x).sum()), BLOCK, grad=grad, entries="directions")
    assert [entry.index for entry in report.wrong] == [(17, 3)]


def test_a_few_directions_cost_the_same_for_any_size():
    """And say what they would have seen."""
    spent = []
    for rows in (2, 40):
        report = check_gradients(lambda x: float(np.sin(x).sum()), BLOCK[:rows], grad=np.cos, entries="directions")
        assert report.verdict is Verdict.CORRECT
        assert report.tensors["x"].checked == 2
        assert report.tensors["x"].means == "2 random directions, and 2 entries one by one"
        assert report.tensors["x"].resolution < 2e-6
        spent.append(report.evaluations)
    assert max(spent) < 70


def test_a_few_directions_do_not_judge_noise():
    """Where it hides the slope."""

    def noisy(x):
        return float(np.sin(x).sum()) + 0.1 * float(np.random.default_rng(zlib.crc32(x.tobytes())).standard_normal())

    report = check_gradients(noisy, BLOCK[:6], grad=np.cos, entries="directions", neighbours=0)
    assert report.verdict is Verdict.UNDECIDED


@pytest.mark.parametrize(
    ("size", "number"), [(7, 7), (LARGE, LARGE), (2 * LARGE, LARGE // 8), (10 * LARGE, LARGE // 1000)]
)
def test_of_larger_tensors_ever_fewer_entries_are_measured(size, number):
    """With the third power of their size, and eight at least."""
    assert sampled(size) == max(number, min(size, 8))
    assert sampled(1000 * LARGE) == 8


def opened(claims):
    return under_test(lambda x: float(x.sum()), np.array(claims, float), np.ones(len(claims)), sigma=1e-300)


def test_a_sample_holds_the_largest_claims_and_others_once():
    """And those that are no numbers; one without end is no size."""
    claims = np.zeros(40)
    claims[[3, 17, 30]] = [5.0, -9.0, np.inf]
    claims[22] = np.nan
    for _ in range(5):
        chosen = directions._sample(opened(claims), 8, 2)
        assert {3, 17, 22, 30} <= {*chosen.tolist()}
        assert 8 <= len(chosen) <= 10
    assert len(directions._sample(opened(np.arange(1.0, 41)), 40, 5)) == 40
    assert directions._sample(opened(np.arange(1.0, 6)), 8, 8).tolist() == [0, 1, 2, 3, 4]


def screened(monkeypatch, codes, agree=(), located=(), quick=False, glances=(), entries=30):
    """Return what is said of a tensor of thirty entries whose sample gets such codes, and directions say so."""
    tested = opened(np.ones(entries))
    answers, looks, tries = iter(agree), iter(glances), []

    def measure(tested, sample, _):
        tested.columns.codes[sample[: len(codes)]] = codes

    def locate(tested, number):
        tries.append(number)
        found = np.array(next(finds), dtype=int)
        tested.columns.codes[found] = Verdict.WRONG
        return found

    finds = iter(located)
    monkeypatch.setattr(directions, "_sample", lambda *_: np.arange(10))
    monkeypatch.setattr(directions, "measure", measure)
    monkeypatch.setattr(directions, "agrees", lambda *_: next(answers))
    monkeypatch.setattr(directions, "locate", locate)
    monkeypatch.setattr(directions, "seen_at_once", lambda _: next(looks))
    return directions.screen(tested, quick=quick), tested, tries


RIGHT, WRONG = Verdict.CORRECT, Verdict.WRONG


@pytest.mark.parametrize(("wrong", "most"), [(5, False), (6, True)])
def test_where_most_of_a_sample_is_wrong_the_others_are_not_looked_for(wrong, most, monkeypatch):
    """More than half of it."""
    found, *_ = screened(monkeypatch, [WRONG] * wrong + [RIGHT] * (10 - wrong), [(True, 1e-3)])
    assert found.note.startswith("most of a sample is wrong") is most
    assert found.measured.tolist() == list(range(10))
    assert found.directions == 4


def test_what_is_said_of_the_others(monkeypatch):
    """That they agree, by how much; or what was located, or that nothing could be."""
    fine, *_ = screened(monkeypatch, [RIGHT] * 10, [(True, 1e-3)])
    assert (fine.note, fine.seen) == ("an error above 0.001 in any single entry would have been seen", 1e-3)
    sharp, *_ = screened(monkeypatch, [RIGHT] * 10, [(True, 1e-30)])
    assert sharp.seen == 5e-7  # half of what matters of the largest claim
    once, _, tries = screened(monkeypatch, [RIGHT] * 10, [(False, 0.0)], [[20, 5]])
    assert (once.measured.tolist(), once.note, tries) == ([*range(10), 20], "", [1])
    many, *_ = screened(monkeypatch, [RIGHT] * 10, [(False, 0.0)], [[20, 5]])
    monkeypatch.setattr(directions, "LOCATED", 2)
    ended, *_ = screened(monkeypatch, [RIGHT] * 10, [(False, 0.0)], [[20, 5]])
    assert (many.note, ended.note) == ("", ENDED)
    again, _, tries = screened(monkeypatch, [RIGHT] * 10, [(False, 0.0), (True, 1e-3)], [[]])
    assert (again.seen, tries) == (1e-3, [1])
    monkeypatch.setattr(directions, "ALL", 29)
    lost, tested, tries = screened(monkeypatch, [RIGHT] * 10, [(False, 0.0)] * 3, [[], []])
    assert lost.note == "some directions disagree, but what is wrong could not be located"
    assert tries == [1, 3]
    assert (tested.columns.codes[:10] == Verdict.UNDECIDED).all()


def test_where_directions_tell_too_little_nothing_is_right_by_them(monkeypatch):
    """What they leave unknown must be small beside the largest claim, 1; of few entries all are measured."""
    told, *_ = screened(monkeypatch, [RIGHT] * 10, [(True, 0.009)])
    assert told.seen == 0.009
    every, tested, _ = screened(monkeypatch, [RIGHT] * 10, [(True, 0.011)])
    assert (every.measured.tolist(), every.note, every.seen) == ([*range(30)], "", 0.0)
    assert (tested.columns.codes[10:20] == Verdict.CORRECT).all()
    monkeypatch.setattr(directions, "ALL", 29)
    silent, tested, _ = screened(monkeypatch, [RIGHT] * 10, [(True, 0.011)])
    assert silent.note == "directions through all of it tell too little, beside kinks, jumps or noise"
    assert (silent.measured.tolist(), silent.seen) == ([*range(10)], 0.0)
    assert (tested.columns.codes[:10] == Verdict.UNDECIDED).all()


@pytest.mark.parametrize(("entries", "measured"), [(64, 64), (65, 10)])
def test_of_few_entries_all_are_measured_where_directions_tell_too_little(entries, measured, monkeypatch):
    """Up to sixty-four: no more than a search takes."""
    found, *_ = screened(monkeypatch, [RIGHT] * 10, [(True, 0.011)], entries=entries)
    assert len(found.measured) == measured


def test_in_a_quick_look_the_largest_claim_is_measured_and_another(monkeypatch):
    """One that is drawn, and not always the next largest."""
    monkeypatch.setattr(directions, "measure", lambda *_: None)
    monkeypatch.setattr(directions, "seen_at_once", lambda _: [1e-3])
    drawn = {tuple(directions.screen(opened(np.arange(n)), quick=True).measured.tolist()) for n in (40.0, 50.0, 60.0)}
    assert {len(measured) for measured in drawn} == {2}
    assert {last for _, last in drawn} == {39, 49, 59}
    assert any(first < last - 1 for first, last in drawn)


def test_a_quick_look_is_along_two_directions(monkeypatch):
    """The larger error of what they could hide is what would have been seen; where one tells nothing, others do."""
    found, *_ = screened(monkeypatch, [RIGHT] * 2, glances=[[1e-3], [2e-3]], quick=True)
    assert (found.seen, found.directions) == (2e-3, 2)
    for glances in ([None, [2e-3]], [[1e-3], None], [None, None]):
        found, *_ = screened(monkeypatch, [RIGHT] * 2, [(True, 4e-3)], glances=glances, quick=True)
        assert found.seen == 4e-3


def test_an_eighth_of_a_sample_has_the_largest_claims(monkeypatch):
    """Not all of it is zero then; the others are drawn."""
    asked = []
    monkeypatch.setattr(directions, "_sample", lambda _, *numbers: asked.append(numbers) or np.arange(1))
    x = np.linspace(1.0, 2.0, 64)
    directions.screen(under_test(lambda x: float(np.sin(x).sum()), np.cos, x))
    assert asked == [(sampled(64), sampled(64) // 8)]
