"""A subject is moved along lines, and put back bit for bit."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from points import POINT, X, opened, value

from gradcheck import InputError
from gradcheck._results.errors import CallError


@pytest.mark.parametrize("number", [2.0, np.float64(2.0), np.float32(2.0)], ids=repr)
def test_a_number_stays_a_number(number):
    """The function is given a scalar, at the point and on the lines through it."""
    seen = []
    subject = opened({"a": number}, lambda p: seen.append(p["a"]) or p["a"] ** 2, lambda p: {"a": 2 * p["a"]})
    subject = subject.settled()
    _, rise = subject.entry(subject.leaves["a"], 0)(0.5)
    assert rise == 2.25
    assert [float(v) for v in seen] == [2.0, 2.5]
    assert all(np.isscalar(v) for v in seen)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5), st.floats(-10, 10), st.data())
def test_an_entry_is_put_back_bit_for_bit(numbers, t, data):
    """After every step, of whatever size; and the step is what was really taken."""
    x = np.array(numbers)
    subject = opened({"x": x}, lambda p: float(p["x"].sum()), lambda p: {"x": np.ones_like(p["x"])})
    subject = subject.settled()
    flat = data.draw(st.integers(0, len(x) - 1))
    taken, _ = subject.entry(subject.leaves["x"], flat)(t)
    assert taken == (x[flat] + t) - x[flat]
    assert subject.leaves["x"].array.tobytes() == x.tobytes()


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_an_entry_is_put_back_when_the_function_raises(error):
    """Raising outside of its domain gives nan; an interrupt passes; either way the array is what it was."""

    def f(p):
        if p["x"][1] != 2:
            raise error
        return 0.0

    subject = opened({"x": X}, f, lambda p: p)
    subject = subject.settled()
    for line in (subject.entry(subject.leaves["x"], 1), subject.direction({"x": np.ones(3)})):
        if error is KeyboardInterrupt:
            with pytest.raises(error):
                line(0.5)
        else:
            assert math.isnan(line(0.5)[1])
            assert isinstance(subject.tally.trouble.__cause__, error)
        assert subject.leaves["x"].array.tobytes() == X.tobytes()


def test_a_direction_moves_several_tensors_at_once():
    """By t times the move of each, and all of them back again."""
    subject = opened()
    subject = subject.settled()
    moves = {"W": np.array([[1.0, 0.0], [0.0, -1.0]]), "b": np.array([0.0, 2.0])}
    taken, rise = subject.direction(moves)(0.5)
    assert taken == 0.5
    assert rise == (1.5**2 - 1) + (3.5**2 - 16) + 1
    assert all(np.array_equal(subject.leaves[k].array, POINT[k]) for k in POINT)


def test_an_offset_in_one_output_stays_out_of_the_others():
    """Differences of outputs are summed, not outputs: beside 1e12 a step of 1e-9 is still seen."""
    subject = opened(X, lambda x: np.array([1e12, x[1]]), lambda x: np.array([0.0, 1.0, 0.0]), cotangent=np.ones(2))
    subject = subject.settled()
    _, rise = subject.entry(subject.leaves[""], 1)(2.0**-30)
    assert rise == 2.0**-30


def test_standing_at_another_point():
    """For a while: arrays and base are put back, by an accident too."""
    subject = opened()
    subject = subject.settled()

    def accident(there):
        assert there.settled().base == value({"W": POINT["W"] + 1, "b": POINT["b"]})
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), subject.at([("W", np.ones((2, 2)))]) as there:
        accident(there)
    assert subject.base == value(POINT)
    assert np.array_equal(subject.leaves["W"].array, POINT["W"])


def test_the_rounding_of_the_outputs_is_the_floor_of_the_noise():
    """In units of the coarsest dtype that the function ever returned."""
    subject = opened(X, lambda x: np.float64(1e6), lambda x: x)
    subject = subject.settled()
    double = subject.rounding()
    assert 1e-11 < double < 1e-9
    single = opened(X, lambda x: np.float32(1e6), lambda x: x)
    single = single.settled()
    assert 1e-3 < single.rounding() < 1


def test_calls_are_counted():
    """Evaluations of the function, and gradients, whether they return or raise."""
    subject = opened(df=lambda p: {})
    subject = subject.settled()
    subject.increment()
    with pytest.raises(InputError):
        subject.claims()
    assert (subject.evaluations, subject.tally.gradients) == (2, 1)


@pytest.mark.parametrize("who", ["function", "gradient function"])
def test_the_users_exception_is_the_cause(who):
    """It is raised from what the user's code raised."""
    subject = opened(f=lambda p: p["nothing"], df=lambda p: p["nothing"])
    with pytest.raises(CallError, match=f"the {who} raised KeyError: 'nothing'") as caught:
        subject.settled() if who == "function" else subject.claims()
    assert isinstance(caught.value.__cause__, KeyError)


@pytest.mark.parametrize(("inside", "places"), [(0.0, 8), (2.0**-10, 8), (2.0**-9, 1)])
def test_a_nudge_is_of_eight_places_or_of_one(inside, places):
    """Of bfloat16, or less, the last place is no small move."""
    subject = opened({"x": X}, lambda p: float(p["x"].sum()), lambda p: p)
    [(path, move)] = [(path, move) for path, move in subject.nudge(3, inside) if path == "x"]
    assert path == "x"
    assert np.abs(move) == pytest.approx(places * 3 * (inside or 2.0**-52) * np.abs(X), rel=1e-6, abs=0.0)


@pytest.mark.parametrize(("size", "asked"), [(100_000, 1), (100_001, 2)])
def test_claims_beside_the_point_are_kept_if_they_are_few(size, asked):
    """A hundred thousand of them, at each of six points: five megabytes."""
    calls, ones = [], np.ones(size)
    subject = opened({"x": ones}, lambda _: 0.0, lambda p: calls.append(1) or {"x": ones})
    for _ in range(2):
        subject.claims_beside(1)
    assert len(calls) == asked


def single_of_few_digits(kept):
    """Return float32 numbers of seven binary digits, at as many calls as are given; then of all digits."""
    calls = itertools.count()
    return lambda x: np.float32(x.sum() / 3 if next(calls) >= kept else np.round(x.sum() * 16) / 16 + 8)


@pytest.mark.parametrize(("kept", "eps"), [(9, 2.0**-6), (1, 2.0**-23)])
def test_numbers_of_few_digits_at_two_places_are_of_half_precision(kept, eps):
    """Whatever holds them; at one place it may be chance, and the subject is coarse after the second."""
    subject = opened(X, single_of_few_digits(kept), lambda x: np.ones(3)).settled()
    assert subject.eps == 2.0**-23
    assert not subject.coarse
    with subject.at([("", np.full(3, 1 / 8))]) as there:
        there.settled()
    assert subject.eps == eps
    assert subject.coarse is (kept > 1)
