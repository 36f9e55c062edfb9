"""Where is each line drawn? A case on either side of it, closer than a factor of two."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients

EPS = 2.0**-52


def accused(f, x, grad, **keywords):
    return check_gradients(f, x, grad=grad, **({"neighbours": 0} | keywords)).verdict is Verdict.WRONG


@pytest.mark.parametrize(("off", "wrong"), [(6, False), (11, True)])
def test_a_claim_may_be_off_by_eight_of_its_own_changes(off, wrong):
    """At points that differ in their last digits it changes by 1e-4, which no derivative does."""
    x = np.array([1.0, 1.5])

    def grad(x):
        nudges = np.round((x[0] - 1) / (8 * EPS))
        return np.array([1 + 1e-4 * (off + nudges % 2), 1.0])

    assert accused(np.sum, x, grad) is wrong


@pytest.mark.parametrize(("claim", "wrong"), [(1e-15, False), (2e-15, True)])
def test_a_claim_may_be_lost_in_the_last_digits_of_f(claim, wrong):
    """What it says f moves by, over the whole entry, is sixteen units of f's last place, or less."""
    assert accused(lambda x: 1.0 + 0 * float(x[0]), np.array([1.0]), lambda _: np.array([claim])) is wrong


def stairs(width, offset=0.0):
    """Return a function that stands still on stairs, and rises with them."""
    return lambda x: offset + float(np.floor((x[0] - 1) / width + 0.5) * width)


@pytest.mark.parametrize(("parts", "wrong"), [(0.8, True), (1.3, False)])
def test_a_stair_is_wider_than_any_rounding(parts, wrong):
    """Of 2^-16 of the entry or more: f stands still at half of it to either side. Zero is the slope of every stair."""
    assert accused(stairs(parts * 2.0**-16), np.array([1.0]), np.zeros_like) is wrong


@pytest.mark.parametrize(("offset", "wrong"), [(5e8, False), (1.1e9, True)])
def test_a_stair_is_a_thousand_roundings_high(offset, wrong):
    """Less may be the last digits of f."""
    assert accused(stairs(2.0**-14, offset), np.array([1.0]), np.zeros_like) is wrong


@pytest.mark.parametrize(
    ("factor", "height", "wrong"),
    [(1.04, 6e-4, False), (1.06, 6e-4, True), (1.04, 7e-4, True), (1.04, 4e-4, True)],
)
def test_an_error_of_a_twentieth_may_be_the_solvers(factor, height, wrong):
    """If jumps leave as much: 8 of them for their distance, here a tenth. Those that leave more are no solver's."""

    def jumping(x):
        return np.sin(x[0]) / np.cos(1.0) + height * (x[0] > 1.1)

    assert accused(jumping, np.array([1.0]), lambda x: factor * np.cos(x) / np.cos(1.0)) is wrong


def test_four_entries_without_a_jump_nearby_stand_for_all():
    """Each look costs up to hundreds of evaluations, and so does one along all entries at once."""
    some, many = (cost(n, 1.01).evaluations - cost(n, 1.1).evaluations for n in (14, 60))
    assert many < 2 * some


def cost(n, factor=1.0):
    """Return the report on n entries that are right, or all off by a factor."""
    x = np.linspace(0.3, 1.2, n)
    return check_gradients(lambda x: np.sum(np.sin(x)), x, grad=lambda x: factor * np.cos(x), neighbours=0)


def test_four_entries_are_measured_with_ladders_and_five_are_not():
    """More are worth a calibration, after which two evaluations do."""
    assert cost(4).evaluations > cost(5).evaluations


def test_some_twenty_wrong_entries_in_a_row_are_measured_with_whole_ladders():
    """After that the case against the tensor is plain, and four rungs do, where slopes are known to four digits."""
    x = np.linspace(0.3, 1.2, 80)
    coarse = check_gradients(lambda x: np.float32(np.sum(np.sin(x))), x, grad=lambda x: 1.5 * np.cos(x), neighbours=0)
    rungs = [len(r) for r in coarse.tensors["x"].rungs.values()]
    assert len(rungs) == 80
    assert 20 <= sum(n > 4 for n in rungs) <= 32


def test_two_wrong_entries_in_a_row_are_enough_for_directions_to_speak_for_the_others():
    """Those that calibrated the tensor are among them; the others have no ladders."""
    tensor = cost(80, 1.5).tensors["x"]
    assert tensor.wrong == 80
    assert len(tensor.rungs) == 2


LONG = 20_000


def screened(grad, f=np.sum):
    [tensor] = check_gradients(f, np.ones(LONG), grad=grad, neighbours=0).tensors.values()
    return tensor


def test_of_a_long_tensor_an_eighth_of_those_of_half_its_size_is_measured_besides():
    """Of all of ten thousand; and the directions are as many as the report says."""
    tensor = screened(np.ones_like)
    assert 1000 <= tensor.checked <= 1500
    assert tensor.verdict is Verdict.CORRECT


def test_the_largest_claims_are_among_them():
    """Lest all that is measured be zero; the others are drawn."""
    w = np.zeros(LONG)
    w[::1250] = np.arange(1.0, 17.0)
    tensor = screened(lambda _: w.copy(), lambda x: float(w @ x))
    assert set(np.argsort(w)[-16:]) <= set(tensor.flat)


def test_some_three_hundred_wrong_entries_of_a_long_tensor_are_enough():
    """The search ends, for the tensor is wrong and the pattern plain."""
    off = np.where(np.arange(LONG) < 400, np.random.default_rng(0).uniform(0.5, 1.5, LONG), 0.0)
    tensor = screened(lambda x: x + off)
    assert 250 <= tensor.wrong <= 400
