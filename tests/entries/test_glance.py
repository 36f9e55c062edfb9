"""Four evaluations along one direction show whether several tensors agree with their claims; they accuse nobody."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradcheck import Oracle, Verdict, check_gradients
from gradcheck._entries import glance as subject
from gradcheck._entries.glance import HALVED, agreeing, bands, influence, seen_at_once, slope_along
from gradcheck._entries.under_test import UnderTest
from gradcheck._judge.tolerance import Standard
from gradcheck._measure.slopes import OF_PHI
from gradcheck._model.subject import Subject
from gradcheck._results.estimate import Estimate

POINT = {"a": np.linspace(0.3, 1.2, 4), "b": np.linspace(-2.0, 1.0, 6)}


def f(p, *, scale=1.0):
    return float(np.sum(np.sin(p["a"])) + scale * np.sum(p["b"] ** 3))


def df(p, *, scale=1.0):
    return {"a": np.cos(p["a"]), "b": scale * 3 * p["b"] ** 2}


def tensors(f=f, claims=None, sigma=1e-16):
    claims = df(POINT) if claims is None else claims
    opened = Subject.of(Oracle(dict(POINT), f, lambda _: claims), promote=False).settled()
    rng = np.random.default_rng(0)
    return [UnderTest.of(opened, p, c.ravel(), Standard(), rng, sigma=sigma) for p, c in claims.items()]


@pytest.mark.parametrize("name", ["a", "b"])
@pytest.mark.parametrize("error", [1e-6, 1e-3, 1.0])
def test_an_error_in_one_entry_of_one_tensor_is_seen(name, error):
    """Wherever it is: then nobody agrees, and each is looked at by itself."""
    claims = df(POINT)
    claims[name][2] *= 1 + error
    assert seen_at_once(tensors(claims=claims)) is None


def test_right_claims_agree_for_four_evaluations():
    """And it is said which error of one entry would still have been seen, in each of them."""
    tested = tensors()
    before = tested[0].subject.evaluations
    seen = seen_at_once(tested)
    assert tested[0].subject.evaluations - before == 4
    assert all(0 < least < 1e-6 * np.abs(t.columns.claims).max() for least, t in zip(seen, tested, strict=True))


def sines(wrong=(), number=4 * HALVED):
    """Return so many tensors of a sum of sines, of which some are wrong in an entry."""
    point = {f"W{k}": np.array([0.3 + k / number, 0.7]) for k in range(number)}
    claims = {path: np.cos(array) * [1 + 0.01 * (path in wrong), 1] for path, array in point.items()}
    oracle = Oracle(point, lambda p: float(sum(np.sin(a).sum() for a in p.values())), lambda _: claims)
    opened, rng = Subject.of(oracle, promote=False).settled(), np.random.default_rng(0)
    return [UnderTest.of(opened, path, claim, Standard(), rng, sigma=1e-15) for path, claim in claims.items()]


def test_halves_are_looked_at_where_not_all_agree():
    """Down to a few that are looked at one by one, so that one wrong tensor costs little among many."""
    tested = sines({"W5"})
    before = tested[0].subject.evaluations
    found = agreeing(tested)
    assert {t.path for t in tested} - {*found} == {"W4", "W5", "W6", "W7"}
    assert tested[0].subject.evaluations - before <= 4 * 7
    assert len(agreeing(sines())) == 4 * HALVED
    assert not agreeing(sines({"W1"}, HALVED - 1))


def test_several_looks_must_all_agree():
    """Each along a direction of its own; the smallest error that would have been seen along any of them counts."""
    one, two = agreeing(sines()), agreeing(sines(), 2)
    assert one.keys() == two.keys()
    assert all(two[path] <= one[path] for path in one)


@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_what_moves_f_by_more_is_moved_by_less(scale):
    """So that an error in the other one is seen as well as before."""
    claims = df(POINT, scale=scale)
    small = "b" if scale < 1 else "a"
    right = seen_at_once(tensors(lambda p: f(p, scale=scale), claims))
    claims[small][3] *= 1 + 1e-5
    assert right is not None
    assert seen_at_once(tensors(lambda p: f(p, scale=scale), claims)) is None


def test_nothing_is_said_where_it_cannot_be_told():
    """Of noise, of a kink within the steps, of a function that has no value there, and of claims that are all zero."""
    rng = np.random.default_rng(0)
    noisy = lambda p: f(p) + 1e-6 * float(rng.standard_normal())  # noqa: E731
    assert seen_at_once(tensors(noisy, sigma=1e-6)) is None
    kinked = lambda p: f(p) + abs(float(p["a"][0]) - 0.30001)  # noqa: E731
    assert seen_at_once(tensors(kinked, df(POINT) | {"a": np.cos(POINT["a"]) - np.eye(4)[0]})) is None
    assert seen_at_once(tensors(lambda p: f(p) if p["a"][0] == POINT["a"][0] else float("nan"))) is None
    assert seen_at_once(tensors(claims={"a": np.zeros(4), "b": np.zeros(6)})) is None


def test_tensors_that_move_f_alike_are_looked_at_together(monkeypatch):
    """Within a factor of 64 or so; those of very many numbers stay alone."""
    together = tensors(claims=df(POINT, scale=0.5))
    assert [len(band) for band in bands(together)] == [2]
    apart = tensors(claims=df(POINT, scale=1e6))
    assert [len(band) for band in bands(apart)] == [1, 1]
    assert influence(apart[1]) > 64 * influence(apart[0])
    monkeypatch.setattr(subject, "VAST", 9)
    assert [len(band) for band in bands(together)] == [1, 1]


def test_a_mistake_of_the_neighbours_is_still_found():
    """Of one tensor among twenty that are looked at together: right at the given point, where its last term is zero."""
    point = {f"w{n}": np.linspace(0.5, 1.5, 3) for n in range(20)}
    point["w7"] = np.zeros(3)

    def value(p):
        return float(sum(np.sum(np.sin(w)) for w in p.values()) + np.sum(p["w7"] ** 3))

    report = check_gradients(value, point, grad=lambda p: {name: np.cos(w) for name, w in p.items()})
    assert report.verdict is Verdict.WRONG
    assert {entry.tensor for entry in report.wrong} == {"w7"}


@pytest.mark.parametrize("step", [2.0**-6, 2.0**-2])
def test_two_central_differences_tell_the_slope_of_a_cubic(step):
    """And how far the finer one was put off, twice; the sides are those of the finer step, the scale is the wider's."""
    found = slope_along(lambda t: (t, 3 * t + 2 * t**2 + 5 * t**3), 0.0, step)
    finer = step / 4
    assert found.value == pytest.approx(3.0, rel=1e-12)
    assert found.uncertainty == pytest.approx(2 * 5 * finer**2, rel=1e-6)
    assert found.right == pytest.approx(3 + 2 * finer + 5 * finer**2)
    assert found.left == pytest.approx(3 - 2 * finer + 5 * finer**2)
    assert found.scale == pytest.approx(3 + 5 * step**2)
    assert not found.kink


def test_noise_is_that_of_f_or_the_rounding_of_what_it_rises_by():
    """Three standard deviations, over the finer step."""
    assert slope_along(lambda t: (t, t), 1e-9, 2.0**-6).uncertainty == pytest.approx(3e-9 * 2**8, rel=1e-6)
    for large in (3e6, -3e6):
        rounding = 2.0**-52 * OF_PHI * 3e6
        found = slope_along(lambda t, large=large: (t, large * (t > 0)), 0.0, 2.0**-6)
        assert found.uncertainty >= 3 * rounding * 2**8
        even = slope_along(lambda t, large=large: (t, large * (t < 0)), 0.0, 2.0**-6)
        assert even.uncertainty == pytest.approx(found.uncertainty)
    flat = slope_along(lambda t: (t, 3e6), 0.0, 2.0**-6)
    assert flat.uncertainty == pytest.approx(3 * 2.0**-52 * OF_PHI * 3e6 * 2**8, rel=1e-6)


@pytest.mark.parametrize(("part", "kink"), [(0.9, False), (1.1, True)])
@pytest.mark.parametrize("step", [2.0**-6, 2.0**-2])
def test_a_gap_between_the_sides_that_does_not_close_is_a_kink(part, kink, step):
    """Above twice the noise: of a curve a quarter is left at the finer step, of a kink all."""
    noise = 3e-9 / (step / 4)
    assert slope_along(lambda t: (t, t + part * 2 * noise * abs(t)), 1e-9, step).kink is kink
    assert not slope_along(lambda t: (t, t + 0.3 * t * t), 1e-9, step).kink


@pytest.mark.parametrize("rounding", [2.0**-52, 1e-8])
def test_the_smallest_error_that_shows_is_what_is_unknown_of_a_slope(rounding, monkeypatch):
    """And what rounding makes of the claims together: over what a typical entry is moved by in each."""
    real = subject.slope_along
    band = [replace(t, standard=replace(t.standard, rounding=rounding)) for t in tensors()]
    moved = [influence(t) for t in band]
    weights = [min(moved) / size for size in moved]
    for off, agrees in ((0.9, True), (1.1, False)):
        length = 2 * min(moved)  # of what both are moved by, as coefficients lie between 1 and 2

        def off_by(line, sigma, off=off):
            found = real(line, sigma)
            return Estimate(found.value + off * (1e-6 + found.uncertainty), 1e-6, 0.0, 0.0)

        monkeypatch.setattr(subject, "slope_along", off_by)
        seen = seen_at_once(band)
        if rounding > 1e-10:  # claims may be off by more than the slopes are here
            for least, w, t in zip(seen, weights, band, strict=True):
                slack = least * w * np.median(t.leaf.scale) - 1e-6
                assert 64 * rounding * length * 0.95 <= slack <= 64 * rounding * length * 2.05
        else:
            assert (seen is not None) is agrees
            if agrees:
                expected = [1e-6 / (w * np.median(t.leaf.scale)) for w, t in zip(weights, band, strict=True)]
                assert seen == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(("part", "told"), [(0.45, True), (2.1, False)])
def test_a_slope_that_is_not_sharp_tells_nothing(part, told, monkeypatch):
    """To four millionths of what the claims move f by; nor does one with a kink."""
    real, band = subject.slope_along, tensors()
    length = sum(min(map(influence, band)) for _ in band)

    def blunt(line, sigma):
        return replace(real(line, sigma), uncertainty=part * 4e-6 * 2 * length)

    monkeypatch.setattr(subject, "slope_along", blunt)
    assert (seen_at_once(band) is not None) is told
    monkeypatch.setattr(subject, "slope_along", lambda line, sigma: replace(real(line, sigma), kink=True))
    assert seen_at_once(band) is None


def test_as_many_entries_as_a_million_are_moved_at_once(monkeypatch):
    """Not more, as each move is kept."""
    monkeypatch.setattr(subject, "VAST", 10)
    monkeypatch.setattr(subject, "influence", lambda _: 1.0)
    assert [len(band) for band in bands(tensors())] == [2]
    monkeypatch.setattr(subject, "VAST", 9)
    assert [len(band) for band in bands(tensors())] == [1, 1]


def test_what_is_as_large_as_numbers_go_is_moved_as_far_as_they_go():
    """By a coefficient of 1 to 2, and to no infinity."""
    [tested, *_] = tensors()
    along = subject.through_some(tested, np.ones(4), np.arange(4), np.full(4, 2.0))
    assert np.isfinite(along.move).all()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(tested), "spread", lambda _, flat: np.full(len(flat), np.inf))
        along = subject.through_some(tested, np.zeros(4), np.arange(4), np.full(4, 2.0))
    assert (along.move[along.move > 0] == np.finfo(float).max).sum() == 4


def test_what_moves_f_alike_does_so_within_six_powers_of_two():
    """None hides the slope of another then."""
    assert [len(band) for band in subject.alike(range(24), lambda n: 2.0**n)] == [5, 6, 6, 6, 1]
