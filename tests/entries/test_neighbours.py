"""A neighbour is near, in the domain of the function and the sets that tensors lie in; or there is none, and why."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest

from gradcheck import Oracle, Verdict, check_gradients
from gradcheck._entries.neighbours import call_elsewhere, right_elsewhere, sets_of, somewhere_near
from gradcheck._model import patience
from gradcheck._model.leaf import VAST
from gradcheck._model.subject import Subject

X = np.random.default_rng(0).normal(size=(5, 3)) + 5
S = X.T @ X


def opened(point, f=None, df=None, kinds=None):
    """Return the subject of a sum of squares, or of another function."""
    oracle = Oracle(
        point,
        f or (lambda p: float(sum(np.sum(v**2) for v in p.values()))),
        df or (lambda p: {k: 2 * v for k, v in p.items()}),
        kinds=kinds or {},
    )
    return Subject.of(oracle, promote=False).settled()


def stand(subject, seed=0, *, flip=(), sets=None):
    """Return the claims at a neighbour, and why there are none."""
    with somewhere_near(subject, np.random.default_rng(seed), sets=sets or {}, flip=flip) as place:
        return {k: v / 2 for k, v in place.claims.items()}, place.why


def test_a_neighbour_is_a_fifth_of_each_entry_away():
    """One standard deviation; a small entry moves by a fifth of a typical one, unless many are so small."""
    x = np.r_[np.full(20_000, 3.0), np.full(1_200, 1e-6)] * np.where(np.arange(21_200) % 2, 1, -1)
    there, _ = stand(opened({"x": x}))
    assert np.std(there["x"][:20_000] - x[:20_000]) == pytest.approx(0.2 * 3, rel=0.05)
    assert np.std(there["x"][20_000:]) == pytest.approx(0.2 * 3, rel=0.05)
    x = np.concatenate([x, x[20_000:]])
    there, _ = stand(opened({"x": x}))
    assert np.std(there["x"][20_000:] - x[20_000:]) == pytest.approx(0.2e-6, rel=0.05)


def test_numbers_of_one_sign_keep_it_unless_they_are_flipped():
    """Half of the inputs change sign then, and no weight does."""
    point = {"x": np.random.default_rng(0).uniform(0.01, 2, 1000), "W": np.full(1000, 2.0)}
    subject = opened(point, kinds={"x": "input"})
    there, _ = stand(subject)
    assert (there["x"] > 0).all()
    flipped, _ = stand(subject, flip={"x"})
    assert np.mean(flipped["x"] < 0) == pytest.approx(0.5, abs=0.1)
    assert (flipped["W"] > 0).all()


@pytest.mark.parametrize("flip", [(), {"S", "q"}], ids=["near", "flipped"])
def test_tensors_stay_in_their_sets(flip):
    """Each in its own, also where inputs change sign."""
    q = X[0] / np.linalg.norm(X[0])
    subject = opened({"S": S, "q": q, "b": X[1]}, kinds={"S": "input", "q": "input"})
    sets = sets_of(subject)
    assert {k: s.name for k, s in sets.items()} == {"S": "symmetric matrices", "q": "vectors of unit length"}
    there, _ = stand(subject, flip=flip, sets=sets)
    assert np.array_equal(there["S"], there["S"].T)
    assert np.linalg.norm(there["q"]) == pytest.approx(1)
    assert not np.allclose(there["S"], S, rtol=0.01)


def test_a_claim_that_does_not_know_of_a_set_is_none_of_it():
    """It tells the two sides of a symmetric matrix apart."""
    subject = opened({"S": S - np.trace(S) * np.eye(len(S))})
    assert sets_of(subject, {"S": X[:3]}) == {}
    assert [*sets_of(subject, {"S": S})] == ["S"]


def roots(x):
    """Return the sum of square roots, by an iteration that has no end for a negative one."""
    y, start = np.ones_like(x), perf_counter()
    while np.max(np.abs(y * y - x)) > 1e-12:
        y = (y + x / y) / 2
        if perf_counter() - start > 60:
            raise TimeoutError
    return float(np.sum(y))


def test_a_neighbour_at_which_an_iteration_has_no_end_is_left(monkeypatch):
    """It is tried with both signs once, and then with those that are given."""
    monkeypatch.setattr(patience, "PATIENT", 0.05)
    x = np.array([0.3, 1.2, 2.0, 0.7])
    report = check_gradients(roots, x, grad=lambda x: 1 / (2 * np.sqrt(x)))
    assert report.verdict is Verdict.CORRECT
    assert sum("raised EndlessError: no end in sight" in note and ", at 1 of " in note for note in report.notes) == 1
    assert len(check_gradients(roots, x, grad=lambda x: 1 / np.sqrt(x)).wrong) == 4


def series(p):
    """Return the sum of a geometric series, to a tolerance: beyond 1 it has no end."""
    total, term, start = 0.0, 1.0, perf_counter()
    while abs(term) > 1e-6:
        total, term = total + term, term * p[0]
        if perf_counter() - start > 60:
            raise TimeoutError
    return total


def test_a_step_at_which_an_iteration_has_no_end_is_left(monkeypatch):
    """As one at which f is not defined."""
    monkeypatch.setattr(patience, "PATIENT", 0.05)
    monkeypatch.setattr(patience, "SHORT", 0.02)
    p = np.array([0.58])
    report = check_gradients(series, p, grad=lambda p: 1 / (1 - p) ** 2)
    assert report.verdict is Verdict.CORRECT
    assert any("raised EndlessError: no end in sight" in note for note in report.notes)
    assert check_gradients(series, p, grad=lambda p: -1 / (1 - p) ** 2).verdict is Verdict.WRONG


def fails(reach, words="too far\nby far"):
    """Return a function that raises further away than so much of each entry, and a list of its calls."""
    calls = []

    def f(p):
        calls.append(1)
        if np.max(np.abs(p["x"] / X - 1)) > reach:
            raise ValueError(words)
        return float(np.sum(p["x"] ** 2))

    return f, calls


def test_a_narrow_domain_is_looked_for_four_times():
    """Each time half as far away, until there is none; then it is said why."""
    f, calls = fails(1e-6)
    subject = opened({"x": X}, f)
    calls.clear()
    assert stand(subject) == ({}, "the function raised ValueError: too far")
    assert len(calls) == 4
    f, calls = fails(0.1)  # a twentieth and less of some entries: the fourth
    there, _ = stand(opened({"x": X}, f))
    assert there


@pytest.mark.parametrize(
    ("f", "df", "why"),
    [
        (lambda p: float(np.sum(np.where(p["x"] == X, 1, np.nan))), None, "the function is not finite there"),
        (None, lambda p: {"x": np.where(p["x"] == X, 1, np.inf)}, "the gradient is not finite there"),
        (None, lambda p: {"x": p["x"] if (p["x"] == X).all() else None}, "the gradient has nothing for 'x'"),
    ],
    ids=["function", "gradient", "no gradient"],
)
def test_it_is_said_why_there_is_no_neighbour(f, df, why):
    """Of a value or a claim that is not finite, or of what was raised."""
    there, said = stand(opened({"x": X}, f, df))
    assert there == {}
    assert said.startswith(why)


@pytest.mark.parametrize(("size", "remembered"), [(VAST, True), (VAST + 1, False)])
def test_the_claims_of_a_million_entries_are_remembered(size, remembered):
    """Eight megabytes; of more it is not looked at whether they were kept."""
    assert VAST == 1_000_000
    ones = np.ones(size)
    subject = opened({"x": np.full(size, 2.0)}, lambda p: float(p["x"][0]), lambda _: {"x": ones})
    assert bool(call_elsewhere(subject, 0)) is remembered


def test_what_is_right_elsewhere_is_found():
    """And put back is what it was."""
    subject = opened({"x": X, "y": X[0]})
    claims = call_elsewhere(subject, 0)
    missing = {"x": np.ones_like(X), "y": np.ones(3)}
    assert set(right_elsewhere(subject, 0, claims, missing)) == {"x", "y"}
    assert set(right_elsewhere(subject, 0, claims | {"x": 2 * claims["x"]}, missing)) == {"y"}
    assert subject.leaves["x"].array.tobytes() == X.tobytes()


@pytest.mark.parametrize(("off", "right"), [(0.006, True), (0.014, False)])
def test_what_is_right_elsewhere_is_off_by_less_than_a_hundredth_there(off, right):
    """Of what it is off by at the given point: as much of another error may be left by chance."""
    subject = opened({"x": X})
    claims = call_elsewhere(subject, 0)
    assert bool(right_elsewhere(subject, 0, {"x": claims["x"] - off}, {"x": np.ones_like(X)})) is right


def test_a_function_without_neighbours_is_said_to_have_none():
    """The report says why, and was right as far as it went."""
    f, _ = fails(1e-6)
    report = check_gradients(lambda x: f({"x": x}), X, grad=lambda x: 2 * x)
    assert report.notes[0] == (
        "no nearby point could be checked, where more mistakes would show: the function raised ValueError: too far"
    )


def test_what_a_function_raises_is_told_to_200_characters():
    """Of its first line."""
    f, _ = fails(1e-6, "far" * 400)
    _, said = stand(opened({"x": X}, f))
    assert len(said) == 200
    assert said.startswith("the function raised ValueError: farfar")
