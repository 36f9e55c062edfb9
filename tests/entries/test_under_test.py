"""A tensor under test knows its noise, the scale of its entries, and what rounding makes of its claims."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tested import under_test

from gradcheck import Oracle, Verdict, check_gradients
from gradcheck._entries import under_test as module
from gradcheck._entries.one_entry import climb
from gradcheck._entries.under_test import UnderTest
from gradcheck._judge.tolerance import Standard
from gradcheck._model.subject import Subject
from gradcheck._results.estimate import Estimate, Rung

X = np.array([1.0, -2.0, 4.0])


def total(x):
    return float(x.sum())


def known(value):
    return Estimate(value, 1e-12, value, value, scale=abs(value))


def test_a_claim_is_held_against_an_estimate_of_its_own_entry():
    """Wrong, right, and not to be judged."""
    tested = under_test(total, np.array([2.0, 1.0, 1.0]), X)
    assert [tested.judge(k, known(1.0)) for k in range(3)] == [Verdict.WRONG, Verdict.CORRECT, Verdict.CORRECT]
    assert tested.judge(1, Estimate(1.5, 1e-12, 1.0, 2.0, kink=True)) is Verdict.KINK


@pytest.mark.parametrize(("sigma", "quiet"), [(1e-7, False), (0.0, True)])
def test_noise_is_measured_through_the_whole_tensor(sigma, quiet):
    """A function that is rounded alone is quiet; one that scatters is not, and its noise is known."""

    def f(x):
        return total(x) + sigma * float(np.random.default_rng([1, *x.tobytes()]).standard_normal())

    tested = under_test(f, np.ones(3), X)
    assert tested.quiet is quiet
    assert sigma / 10 <= tested.sigma <= 10 * sigma + 1e-14
    assert under_test(f, np.ones(3), X, sigma=0.5).sigma == 0.5


def test_a_ladder_goes_along_one_entry():
    """In steps of its own scale, with the noise along it, or that which is given."""
    tested = under_test(lambda x: total(x * np.array([1.0, 10.0, 100.0])), np.ones(3), X)
    ladder = tested.ladder(2)
    assert ladder.line(0.5) == (0.5, 50.0)
    assert (ladder.scale, tested.ladder(0).scale) == (4.0, 2.0)
    assert tested.ladder(0, 0.25).sigma == 0.25
    assert 0 < ladder.sigma < 1e-12


def test_an_entry_of_another_order_of_magnitude_is_stretched():
    """A large claim of a tiny entry moves f little: the others are held to what they move, not to its size."""
    tested = under_test(total, np.array([1.0, 1.0, 1e12]), np.array([1.0, 1.0, 1e-12]))
    assert tested.stretch(0) > 1e6
    assert (under_test(total, np.ones(3), X).stretch(slice(None)) == 1).all()
    assert (under_test(total, np.zeros(3), X).stretch(slice(None)) == 1).all()


def test_the_rounding_of_a_claim_is_what_changes_between_points_that_are_alike():
    """Eight times its median change; a gradient of constants has none, and one neighbour beyond a kink is none."""

    def jittery(x):
        return np.array([1.0, 1.0, 1.0 + 1e-9 * (round((x[0] - 1) / 2.0**-49) % 2)])

    tested = under_test(total, jittery, X)
    assert [tested.residue(k) for k in (0, 1)] == [0.0, 0.0]
    assert tested.residue(2) == pytest.approx(8e-9, rel=1e-6)
    beyond = under_test(total, lambda x: np.where(np.arange(3) == 0, x[0] > 1 + 2.0**-50, 1.0) * 1.0, X)
    assert beyond.residue(0) == 0.0


def test_what_is_left_of_a_cotangent_that_cancels_changes_with_it():
    """It stays the same where the point differs in its last digits; what does not cancel changes by little."""
    a, u = np.random.default_rng(1).standard_normal((2, 7, 3))

    def pullback(point, u):
        left = (u - u.mean(axis=0)).sum(axis=0)
        return {"x": left + np.where(np.arange(3) == 2, u[0], 0.0)}

    oracle = Oracle({"x": X}, lambda p: a + p["x"], lambda p: pullback(p, u), pullback=pullback, cotangent=u)
    subject = Subject.of(oracle, promote=False).settled()
    claims = subject.claims()["x"]
    tested = UnderTest.of(subject, "x", claims, Standard(largest=1.0), np.random.default_rng(0))
    assert [tested.residues[k] for k in range(3)] == [0.0] * 3
    assert 0 < abs(claims[0]) < 1e-14
    assert tested.residue(0) >= abs(claims[0]) / 4
    assert 0 < tested.residue(2) < 1e-13 * abs(claims[2])


def test_a_claim_that_is_not_finite_has_a_residue_that_is():
    """Else it would excuse itself."""
    tested = under_test(total, lambda x: np.array([math.nan, 1.0, 1.0]) * (1 + 0 * x), X)
    assert math.isfinite(tested.residue(0))


def test_what_rounding_leaves_of_zero_is_hollow_and_a_small_gradient_is_not():
    """The one changes by its own size where the point differs in its last digits, the other hardly at all."""

    def verdict(small):
        def gradient(p):
            return {"A": 1e16 * np.cos(p["A"]), "B": small(p["B"])}

        point = {"A": np.array([0.3, -1.1]), "B": np.array([0.7, 1.9])}
        return check_gradients(lambda p: 1e16 * np.sum(np.sin(p["A"])), point, grad=gradient).tensors["B"].verdict

    assert verdict(lambda b: (b + 0.1) - b - 0.1) is Verdict.CORRECT
    assert verdict(np.cos) is Verdict.UNTESTED


def test_what_the_last_digits_of_f_hide_of_an_entry_of_another_order_is_not_tested():
    """Neither at the given point nor at its neighbours, which a wrong claim would pass as well."""

    def entropy(p):
        return np.sum(p * np.log(p))

    p = np.array([1e-12, 1.0, 1e-5, 3e4])
    for factor in (1.0, 2.0):
        grad = np.where(np.arange(4) == 0, factor, 1.0)
        report = check_gradients(entropy, p, grad=lambda p, by=grad: by * (np.log(p) + 1))
        assert [Verdict(c) for c in report.tensors["p"].codes] == [Verdict.UNTESTED, *[Verdict.CORRECT] * 3]


@pytest.mark.parametrize(("sigma", "another"), [(1e-16, False), (1e-9, True)])
def test_noise_along_all_tensors_is_measured_along_one_where_there_is_doubt(sigma, another):
    """Once; it is said whether it is another than was thought."""
    subject = under_test(lambda x: float(np.sin(x).sum()) + 10, np.cos(X), X).subject
    tested = UnderTest.of(subject, "x", np.cos(X), Standard(), np.random.default_rng(0), sigma=sigma, shared=True)
    thought = tested.sigma
    before = subject.evaluations
    told = tested.listen()
    assert subject.evaluations > before
    if another:
        assert told
        assert tested.sigma < thought / 2
    before = subject.evaluations
    assert not tested.listen()
    assert subject.evaluations == before


def total_of(x, claims=None, **standard):
    """Return the sum of some numbers under test, of which the noise is known to be none; and f's rounding."""
    x = np.asarray(x, dtype=np.float64)
    tested = under_test(total, np.ones(len(x)) if claims is None else np.asarray(claims, float), x, sigma=1e-300)
    tested = replace(tested, standard=replace(tested.standard, **standard))
    return tested, tested.subject.rounding()


def open_at(value, uncertainty):
    """Return an estimate that decides nothing."""
    return Estimate(value, uncertainty, value, value, scale=abs(value))


@pytest.mark.parametrize(
    ("size", "moves", "beneath"),
    [(9e-3, 15.0, True), (9e-3, 17.0, False), (1.1e-2, 15.0, False), (-9e-3, 15.0, True), (0.0, 15.0, False)],
)
def test_what_is_unknown_of_a_small_entry_moves_f_by_its_last_digits(size, moves, beneath):
    """By sixteen of its roundings, as far as the entry is large: a hundredth of the others, and not nothing."""
    tested, rounding = total_of([size, 1.0, 1.0, 1.0])
    estimate = open_at(1.0, moves * rounding / (abs(size) or 1e-3))
    assert tested.judge(0, replace(estimate, uncertainty=1e-12)) is Verdict.CORRECT
    assert bool(tested._beneath(0, estimate)) is beneath


@pytest.mark.parametrize(
    ("claim", "value", "unknown", "residue", "lost"),
    [
        (120.0, 0.0, 0.0, 31.0, True),
        (120.0, 0.0, 0.0, 29.0, False),
        (-120.0, 0.0, 0.0, 31.0, True),
        (136.0, 0.0, 0.0, 99.0, False),
        (1.0, -100.0, 20.0, 9.0, True),
        (1.0, -100.0, 36.0, 9.0, False),
        (1.0, 136.0, 0.0, 9.0, False),
    ],
)
def test_what_is_at_rest_is_lost_in_the_last_digits_of_f(claim, value, unknown, residue, lost):
    """In 128 of them over the scale, of the claim and of the slope; the claim must be rounding by a quarter."""
    tested, rounding = total_of([2.0, 2.0, 8.0, 8.0], scale := np.ones(4))
    for k in (0, 2):
        unit = rounding / tested.scale(k)
        scale[k] = claim * unit
        there = replace(tested, columns=replace(tested.columns, claims=scale.copy()))
        there.__dict__["residues"] = np.full(4, residue * unit)
        assert bool(there._lost(k, Estimate(value * unit, unknown * unit, 0.0, 0.0))) is lost


@pytest.mark.parametrize(
    ("claim", "right", "left", "lost"),
    [(0.0, 0.0, 0.0, True), (1e-300, 0.0, 0.0, False), (0.0, 1.0, 0.0, False), (0.0, 0.0, 1.0, False)],
)
def test_what_no_steps_agree_upon_is_lost_only_where_f_stands_still_at_the_finest(claim, right, left, lost):
    """And nothing is claimed of it: else it is not known, and zero is not right for it."""
    tested, _ = total_of([2.0], [claim])
    rungs = (Rung(1.0, 5.0, 0.0, 0.0), Rung(0.25, left, right, 0.0))
    assert tested._lost(0, Estimate(math.nan, math.inf, left, right, rungs=rungs)) is lost


@pytest.mark.parametrize("fields", [{"kink": True}, {"stairs": True}])
def test_at_a_kink_or_on_stairs_nothing_is_lost(fields):
    """What is known of them is no matter of digits."""
    tested, rounding = total_of([9e-3, 1.0, 1.0, 1.0])
    estimate = open_at(1.0, 8 * rounding / 9e-3)
    assert tested.judge(0, replace(estimate, uncertainty=0.5)) is Verdict.UNDECIDED
    vague = replace(tested, subject=replace(tested.subject, jitter=1.0))
    assert vague.judge(0, replace(estimate, uncertainty=0.5)) is Verdict.UNTESTED
    assert vague.judge(0, replace(estimate, uncertainty=0.5, **fields)) is not Verdict.UNTESTED


def test_entries_that_are_taken_in_larger_steps_move_f_as_much_with_a_smaller_slope():
    """From 64 times the smallest scale on."""
    tested, _ = total_of([1.0, 1.0, 1.0, 1.0, 32.0, 128.0, 6400.0])
    assert tested.alike(slice(None)).tolist() == [1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.01]


@pytest.mark.parametrize("claim", [4e4, np.inf])
def test_how_far_an_entry_is_stretched(claim):
    """By what the largest claim would move f at its scale, beside ten times the most that any does at its own size."""
    tested, _ = total_of([2.0, -1.0, 1.0, 1e-9], [1.0, -3.0, 0.5, claim], largest=4e4)
    assert tested.stretch(slice(None)) == pytest.approx(4e4 * tested.leaf.scale / (10 * 3.0))
    few, _ = total_of([2.0, -1.0, 1.0, 1e-9], [1.0, -3.0, 0.5, 20.0], largest=20.0)
    assert (few.stretch(slice(None)) >= 1).all()
    assert few.stretch(1) == 1


def test_an_entry_that_is_held_moves_nothing():
    """It is infinite, and so would all that the others are compared with."""
    x = np.array([1.0, np.inf, 1.0, 1e-9])
    claims = np.array([1.0, 7.0, 1.0, 1e6])
    oracle = Oracle({"x": x}, lambda p: float(p["x"][[0, 2, 3]].sum()), lambda _: {"x": claims})
    subject = Subject.of(oracle, promote=False).settled()
    tested = UnderTest.of(subject, "x", claims, Standard(largest=1e6), np.random.default_rng(0), sigma=1e-300)
    assert tested.stretch(0) == pytest.approx(1e6 * tested.scale(0) / 10)


@pytest.mark.parametrize(("times", "another"), [(0.45, True), (0.55, False), (1.9, False), (2.1, True)])
def test_noise_that_is_twice_what_was_thought_is_another(times, another, monkeypatch):
    """Or half of it: less is what measurements of the same noise differ by."""
    tested, _ = total_of(X)
    shared = replace(tested, noise=3.0, shared=True)
    monkeypatch.setattr(module, "noise_through", lambda *_: 3.0 * times)
    assert shared.listen() is another
    assert shared.sigma == 3.0 * times
    assert not replace(tested, noise=3.0).listen()


def test_no_step_is_finer_than_four_roundings_of_its_entry():
    """Of its own precision; noise is measured no nearer either."""
    wide, _ = total_of([1e-9, 1e9, 1.0])
    assert wide.ladder(1).finest == max(4 * 2.0**-52 * 1e9, wide.ladder(1).scale * 2.0**-46)
    narrow = under_test(lambda x: float(x.sum()), np.ones(3), np.array([1, -3, 2], dtype=np.float32), sigma=1e-9)
    assert [narrow.ladder(k, 1e-9).finest for k in range(3)] == [4 * 2.0**-23 * size for size in (1, 3, 2)]


def test_noise_along_an_entry_is_that_of_its_stairs_at_least(monkeypatch):
    """And is measured at its scale, from four of its roundings on, above the rounding of f."""
    tested, rounding = total_of([1.0, -3.0, 2.0])
    asked = []
    monkeypatch.setattr(module, "noise_of", lambda *given: asked.append(given[1:]) or 5.0)
    assert tested.noise_along(1) == 5.0
    assert asked == [(3.0, rounding, 4 * 2.0**-52 * 3, tested.sigma)]
    tested.experience.stairs = 7.0
    assert tested.noise_along(0) == tested.sigma == 7.0
    asked.clear()
    module.noise_through(tested.subject, ["x"], np.random.default_rng(0))
    assert asked == [(1.0, rounding, 8 * 2.0**-52)]


@pytest.mark.parametrize(("part", "known"), [(0.9, True), (1.1, False)])
def test_noise_of_the_tensor_is_known_along_an_entry_if_it_is_mere_rounding(part, known):
    """A billionth of what the largest claim moves f by; what is rounded more coarsely has stairs of its own."""
    claims, x = np.array([1.0, -5.0]), np.array([3.0, -3.0])
    tested = under_test(lambda x: float(x @ claims), claims, x, sigma=part * 2.0**-30 * 5 * 3)
    assert tested._known_noise == (tested.sigma if known else 0.0)


def test_noise_is_measured_along_both_signs():
    """Each entry goes as far as it is large, up or down: along a sum of all, nothing might be left."""
    tested, _ = total_of([3.0, -1.0, 2.0, 5.0] * 8)
    moved = []
    subject = replace(tested.subject)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Subject, "direction", lambda _, moves: moved.append(moves["x"]) or (lambda t: (t, t)))
        module.noise_through(subject, ["x"], np.random.default_rng(0))
    (move,) = moved
    assert (np.abs(move) == tested.leaf.spread).all()
    assert {*np.sign(move)} == {-1.0, 1.0}


def changing(tested, changes):
    """Return a tensor whose claims change by so much between points that differ in their last digits."""
    seen = []

    class Changing(UnderTest):
        def _changes(self, *, above=False, inside=0.0):
            seen.append((above, inside))
            return list(changes)

    return Changing(tested.subject, "x", tested.columns, tested.standard, tested.rng, 1e-300), seen


def test_ladders_begin_with_a_step_of_a_64th():
    """Coarser ones are taken where that does not suffice."""
    tested = under_test(lambda x: float(np.sin(x).sum()), np.cos, np.ones(1))
    assert climb(tested, 0).rungs[0].step == 2.0**-6


def hollow(claims, changes, **standard):
    """Return whether some claims beside others that move f by one are found to be nothing but rounding."""
    tested, _ = total_of(np.ones(len(claims)), claims, largest=float(np.max(np.abs(claims))), elsewhere=1.0, **standard)
    made, seen = changing(tested, np.asarray(changes, dtype=float))
    return made.hollow, seen


def test_claims_that_change_by_their_own_size_are_hollow():
    """By an eighth of it, all together, at the points where each changes most; claims of nothing are none."""
    claims = np.array([4e-12, -4e-12])
    for part, found in ((1.05, True), (0.95, False)):
        assert hollow(claims, [[part * 1e-12, 0.0], [0.0, 0.0]])[0] is found
        assert hollow(claims, [[0.0, part * 0.5e-12], [part * 0.5e-12, 0.0]])[0] is found
    assert hollow(np.zeros(2), [[0.0, 0.0]]) == (False, [])
    assert hollow(np.array([1e-3, 0.0]), [[1.0, 1.0]]) == (False, [])
    assert hollow(claims, [[1.0, 1.0]])[1] == [(True, 0.0)]
    assert hollow(claims, [[1.0, 1.0]], single=True)[1] == [(True, 2.0**-23)]


@pytest.mark.parametrize(
    ("units", "found"),
    [
        ([3, -5], True),
        ([60, 8], True),
        ([70, 8], False),
        ([3 + 1e-9, -5], False),
        ([0.5, -5], True),
        ([(2**15 + 1) / 2**10, 8], True),
        ([(2**16 + 1) / 2**11, 8], False),
    ],
)
def test_a_few_units_in_the_last_place_are_hollow_even_if_they_stay(units, found):
    """Sixty-four of them; a number with more digits than sixteen is no such unit."""
    assert hollow(np.array(units) * 2.0**-52, [[0.0, 0.0]])[0] is found
    if max(units) == 3:
        assert not hollow(np.array(units) * 2.0**-52, [[1e-30, 0.0]])[0]


@pytest.mark.parametrize(
    ("claim", "single", "half", "stairs", "residue"),
    [
        (60 * 2.0**-23, 5.0, 0.0, 0.0, 5.0),  # of single precision
        (68 * 2.0**-23, 5.0, 0.0, 0.0, 0.0),  # too large for what that leaves
        (0.9 * 2.0**-7, 5.0, 3.0, 0.0, 0.0),  # of half precision, but f is quiet
        (0.9 * 2.0**-7, 5.0, 3.0, 1e-6, 3.0),
        (-0.9 * 2.0**-7, 5.0, 3.0, 1e-6, 3.0),
        (1.1 * 2.0**-7, 5.0, 3.0, 1e-6, 0.0),
        (0.5 * 2.0**-7, 5.0, 1.1 * 2.0**-7, 1e-6, 1.1 * 2.0**-7),  # it changes by twice itself, as by eight quarters
        (0.5 * 2.0**-7, 5.0, 0.9 * 2.0**-7, 1e-6, 0.0),
        (60 * 2.0**-23, 5.0, 9.0, 1e-6, 9.0),
    ],
)
def test_what_a_coarser_part_of_f_may_leave_of_a_claim(claim, single, half, stairs, residue):
    """As much as claims change with its last digits: of claims that are small beside what moves f elsewhere."""
    tested, _ = total_of(np.ones(2), [claim, 1.0], elsewhere=1.0)
    tested.__dict__.update(_single_residues=np.array([single, 77.0]), _half_residues=np.array([half, 77.0]))
    tested.experience.stairs = stairs
    assert tested.coarse_residue(0) == residue


@pytest.mark.parametrize(("part", "noisy"), [(1.1, True), (0.9, False)])
def test_f_may_be_as_noisy_as_half_precision(part, noisy):
    """By a 256th of its rounding, of what others move f by over a typical scale."""
    tested, _ = total_of([2.0, 2.0], [2.0**-8, 1.0], elsewhere=3.0)
    loud = replace(tested, noise=part * 2.0**-18 * 3.0 * 2.0)
    loud.__dict__.update(_single_residues=np.zeros(2), _half_residues=np.ones(2))
    assert loud.coarse_residue(0) == float(noisy)


@pytest.mark.parametrize(("part", "is_half"), [(1.1, True), (0.9, False)])
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_what_was_given_in_half_precision_may_be_as_noisy_as_that(part, is_half, dtype):
    """By a 256th of its rounding, of what the largest claim moves f by; what was given with more digits is not."""
    x = np.array([2.0, -2.0], dtype=dtype)
    oracle = Oracle({"x": x}, lambda p: float(p["x"].sum()), lambda p: {"x": np.ones_like(p["x"])})
    subject = Subject.of(oracle, promote=True).settled()

    def opened(largest, sigma):
        standard = Standard(largest=largest)
        return UnderTest.of(subject, "x", np.ones(2), standard, np.random.default_rng(0), sigma=sigma).standard

    assert opened(3.0, part * 2.0**-18 * 3.0 * 2.0).half is (is_half and dtype is np.float16)
    assert not opened(0.0, 1e-3).half


@pytest.mark.parametrize(("part", "seen"), [(1.1, True), (0.9, False)])
def test_a_tensor_may_be_hollow_by_the_rounding_of_single_precision(part, seen, monkeypatch):
    """Where f is as noisy as a 256th of that makes it, of what others move it by over a typical scale."""
    asked = []

    def looked(tested):
        asked.append(tested.standard.single)
        return tested.standard.single

    monkeypatch.setattr(UnderTest, "hollow", property(looked))
    subject = total_of([2.0, 2.0])[0].subject

    def opened(elsewhere, sigma):
        asked.clear()
        standard = Standard(largest=1e-12, elsewhere=elsewhere)
        return UnderTest.of(subject, "x", np.full(2, 1e-12), standard, np.random.default_rng(0), sigma=sigma).standard

    found = opened(3.0, part * 2.0**-31 * 3.0 * 2.0)
    assert asked == [False, True][: 1 + seen]
    assert (found.single, found.hollow) == (seen, seen)
    assert not opened(0.0, 1e-3).hollow


def test_what_an_iteration_leaves_unknown_is_kept_by_tensor():
    """Of others nothing."""
    tested, _ = total_of(X)
    assert tested.allowed == 0
    tested.tally.allow("x", 0.25)
    assert tested.allowed == 0.25


def test_the_residues_are_those_of_six_points_one_after_the_other():
    """Each claim is compared with the one before; an infinite step of it is none."""
    seen = []

    def claims(x):
        seen.append(x.copy())
        return np.array([1.0, float(len(seen) ** 2), np.inf if len(seen) == 3 else 1.0])

    tested = under_test(total, claims, X, sigma=1e-300)
    seen.clear()
    tested.__dict__.pop("residues", None)
    changes = tested._changes(inside=2.0**-7)
    assert len(changes) == len(seen) == 6
    assert [float(c[1]) for c in changes[1:]] == [3.0, 5.0, 7.0, 9.0, 11.0]
    assert [float(c[2]) for c in changes] == [0.0] * 6
    assert max(np.abs(x - X).max() for x in seen) > 2.0**-10
    assert tested._single_residues.shape == tested._half_residues.shape == (3,)
    assert tested._half_residues[1] == 8 * np.median([13**2 - 1, 27, 29, 31, 33, 35])
