"""Across 0 a smooth function goes on as it was, and one of two pieces does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from points import opened

from gradcheck._entries import signs
from gradcheck._entries.signs import of_both_signs, of_one_piece, of_one_sign

X = np.array([0.7, 1.2, 2.0])
SMOOTH = (np.cos, np.square, np.sinh, np.reciprocal, lambda x: 1e6 + x**3)
PIECES = (
    np.abs,
    lambda x: np.where(x > 0, x, np.expm1(x)),
    lambda x: x / (1 + np.abs(x)),
    lambda x: np.maximum(x, 0) ** 2,
    lambda x: np.where(x > 0, x, x - 1),
)


def crossed(f, x=X):
    subject = opened({"x": x}, lambda p: float(np.sum(f(p["x"]))), lambda p: p, kinds={"x": "input"})
    with subject.at([("x", np.array([0.0, -2.5, 0.3]))]) as there:
        return of_one_piece(there.settled())


@pytest.mark.parametrize("f", SMOOTH, ids=range(len(SMOOTH)))
def test_what_is_smooth_at_zero_goes_on(f):
    """A pole is passed by nobody."""
    assert crossed(f)


@pytest.mark.parametrize("f", PIECES, ids=range(len(PIECES)))
def test_what_has_a_kink_or_bends_otherwise_is_of_two_pieces(f):
    """A ReLU, an ELU, a softsign, a square of one side, and a jump."""
    assert not crossed(f)


def test_numbers_of_both_signs_cross_nothing():
    """Nothing is known of a set that they lie in."""
    assert not crossed(np.cos, np.array([-0.7, 1.2, 2.0]))


def test_inputs_of_one_sign_are_told_from_others():
    """Weights are not flipped, nor are numbers of both signs."""
    leaf = opened({"x": X}, kinds={"x": "input"}).leaves["x"]
    assert of_one_sign(leaf)
    assert of_one_sign(replace(leaf, original=-X))
    assert not of_one_sign(replace(leaf, original=X - 1))
    assert not of_one_sign(replace(leaf, kind="weight"))


@pytest.mark.parametrize(("zero", "h"), [(-2.0, 0.1), (0.5, 0.25), (0.0, 0.5)])
def test_what_differs_at_zero_is_told_over_the_scale(zero, h):
    """Slopes by the gap between them, bends by that between those: of |u| + 3 |u| u by two and by twelve scales."""
    scale = abs(zero) or h

    def line(t):
        u = t - zero
        return t, 7.0 + abs(u) + 3 * abs(u) * u + 0.5 * u

    slopes, bends = signs._apart(line, zero, h)
    assert slopes == pytest.approx(2 * scale)
    assert bends == pytest.approx(12 * scale**2)


def going_on(f, number=2.0, jitter=0.0):
    """Return whether f goes on across 0 in a number."""
    subject = opened({"x": np.array([number])}, lambda p: float(f(p["x"][0])), lambda p: p, kinds={"x": "input"})
    return signs._goes_on(replace(subject.settled(), jitter=jitter), "x", 0)


@pytest.mark.parametrize(("power", "goes_on"), [(4.0, True), (1.8, True), (1.2, False), (1.0, False)])
@pytest.mark.parametrize("number", [2.0, -300.0])
def test_slopes_that_meet_fall_by_half_from_nearer(power, goes_on, number):
    """From a fourth of the distance those of |u|^1.8 differ by a third, and those of |u|^1.2 by three quarters."""
    assert going_on(lambda u: abs(u / number) ** power * 100 + u, number) is goes_on


@pytest.mark.parametrize(("part", "same"), [(1.6, True), (2.5, False)])
@pytest.mark.parametrize("offset", [0.0, 4.0])
def test_slopes_that_differ_by_a_millionth_of_f_are_the_same(part, same, offset):
    """Of what it is, or of what it rises by up to there."""
    for number in (2.0, -2.0):
        least = 2.0**-20 * (0.35 * offset if offset else 1.35)
        kink = part * least / (2 * abs(number))
        assert going_on(lambda u, k=kink, n=number: offset + u / n * (not offset) + k * abs(u), number) is same


def test_at_a_pole_nothing_is_said():
    """Nor where f has no value."""
    with np.errstate(divide="ignore", invalid="ignore"):
        assert going_on(lambda u: 1 / u if u else np.inf)
        assert going_on(np.log)


@pytest.mark.parametrize(("count", "looked_at"), [(2, False), (3, True)])
def test_of_three_numbers_or_more_entries_are_looked_at(count, looked_at):
    """Two are more likely parameters: then that one of them has crossed is enough."""
    subject = opened(
        {"x": np.arange(1.0, count + 1)}, lambda p: float(np.abs(p["x"]).sum()), lambda p: p, kinds={"x": "input"}
    )
    moved = np.zeros(count)
    moved[0] = -2.5
    with subject.at([("x", moved)]) as there:
        assert of_one_piece(there.settled()) is not looked_at
    moved[0] = 0.5
    with subject.at([("x", moved)]) as there:
        assert not of_one_piece(there.settled())


def test_three_entries_that_crossed_are_looked_at(monkeypatch):
    """The first of them; none where a number is 0."""
    subject = opened({"x": np.arange(1.0, 7)}, lambda p: float(p["x"].sum()), lambda p: p, kinds={"x": "input"})
    asked = []
    monkeypatch.setattr(signs, "_goes_on", lambda *given: asked.append(given[-1]) or True)
    with subject.at([("x", np.array([-1.0, -9, 0, -9, -9, -9]))]) as there:
        assert of_one_piece(there)
    assert asked == [1, 3, 4]


@pytest.mark.parametrize(
    ("numbers", "of_one"), [([0.5, 2], True), ([-0.5, -2], True), ([0, 2], False), ([0, -2], False), ([-1, 2], False)]
)
def test_numbers_of_one_sign_are_none_of_them_zero(numbers, of_one):
    """However small."""
    subject = opened({"x": np.array(numbers, float)}, lambda _: 0.0, lambda p: p, kinds={"x": "input"})
    assert of_one_sign(subject.leaves["x"]) is of_one


def test_parameters_keep_their_sign_while_they_are_seen_to_move_f():
    """One number or two of a sign; three, two of both signs, and what nothing was seen of take both."""
    point = {"x": X, "a": np.array([2.0]), "b": np.array([-1.0, -3.0]), "c": np.array([-1.0, 3.0]), "W": X.copy()}
    subject = opened(point, kinds=dict.fromkeys("xabc", "input"))
    assert of_both_signs(subject, ()) == {"x", "c"}
    assert of_both_signs(subject, ("b", "W")) == {"x", "b", "c"}


def test_it_is_looked_at_a_thousandth_of_the_scale_and_a_fourth_of_that_away(monkeypatch):
    """Near enough that what lies elsewhere does not matter, and far enough that bends are seen above the rounding."""
    steps = []
    monkeypatch.setattr(signs, "_apart", lambda _, zero, h: steps.append(h / zero) or (0.0, 0.0))
    going_on(np.cos, 2.0)
    assert np.abs(steps).tolist() == [2.0**-10, 2.0**-12]
