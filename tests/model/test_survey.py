"""Which whole numbers are parameters is asked of the gradient, only where there are any, and what was found is said."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from gradcheck import InputError, Oracle, Verdict, check_gradients
from gradcheck._model.survey import in_records, surveyed

X = np.array([1.0, 2.0, 3.0])


@dataclass(frozen=True)
class Params:
    w: np.ndarray
    b: float = 0.5
    n: int = 2
    on: bool = True
    eps: float = field(default=1e-5, metadata={"constant": True})


def survey(point, gradient, value=lambda p: 1.0, **fields):
    return surveyed(Oracle(point, value, gradient, **fields))


def boom(_):
    raise AssertionError


@pytest.mark.parametrize("point", [X, [X, X], {"a": X, "s": "text", "t": True, "none": None}, [1.5, 2.5]])
def test_nothing_is_asked_where_everything_is_clear(point):
    """Arrays of floats, numbers that are not whole and settings that are no numbers cost no call."""
    assert surveyed(Oracle(point, boom, boom)).evaluations == 0


def test_numbers_in_records():
    """Neither truth values nor what is declared constant."""
    assert in_records({"p": Params(X), "x": 1.5}) == {"p.b", "p.n"}


@pytest.mark.parametrize(
    ("claim", "parameters", "held"),
    [
        ([1.0, 2.0], {"[1]"}, set()),
        ([1.0, None], set(), {"[1]"}),
        ([1.0, 0], set(), {"[1]"}),  # the function does not follow
    ],
)
def test_a_whole_number_is_a_parameter_if_something_is_claimed_for_it(claim, parameters, held):
    """Nothing, or zero where the function stands still, is no claim."""
    found = survey([1.5, 2], lambda _: claim)
    assert (found.parameters, found.held) == (parameters, held)


def test_what_a_record_hands_back_is_a_setting():
    """The very number it was given; an equal one is a claim, even where Python has but one such object."""
    back = survey(Params(X), lambda p: replace(p, w=2 * p.w))
    assert (back.parameters, back.held) == (set(), {"b", "n"})
    assert back.notes == ("held fixed, since nothing is claimed for it: b, n",)
    claimed = survey(Params(X), lambda p: Params(2 * p.w, 0.5, 2), value=lambda p: p.b**2 + p.n)
    assert claimed.parameters == {"b", "n"}


def test_of_the_settings_of_a_layer_nothing_is_said():
    """Nor is what its class has by default a claim."""
    found = survey(Params(X, b=0.25), lambda p: Params(2 * p.w, n=p.n), settings=True)
    assert found.parameters == set()
    assert found.notes == ()


def test_zero_is_a_claim_where_the_function_follows():
    """Continuously: a number that is compared is none that it follows."""
    assert survey([1.5, 2], lambda _: [1.0, 0], value=lambda p: p[0] * p[1] ** 2).parameters == {"[1]"}
    assert survey([1.5, 2], lambda _: [1.0, 0], value=lambda p: p[0] * (p[1] == 2)).parameters == set()
    assert survey([1.5, 2], lambda _: [1.0, 0], value=lambda p: X[p[1]]).parameters == set()


NEEDED = {
    "an index": lambda p: X[p[1]],
    "a length": lambda p: float(sum(range(p[1]))),
    "its type": lambda p: p[0] * (1 if isinstance(p[1], int) else 2),
}


@pytest.mark.parametrize("value", NEEDED.values(), ids=NEEDED)
def test_a_claim_for_a_number_that_must_be_whole_is_refused(value):
    """By name, with what to write."""
    with pytest.raises(InputError, match=r"\[1\] is a whole number that the function needs as one.*\(None\)"):
        survey([1.5, 2], lambda _: [1.0, 7.0], value=value)


def test_an_array_of_whole_numbers_is_refused_if_something_is_claimed_for_it():
    """It is held where nothing is, or zero and the function does not follow it."""
    point = {"a": X, "k": np.array([1, 2])}
    assert survey(point, lambda p: {"a": p["a"]}).held == {"k"}
    assert survey(point, lambda p: {**p}).held == {"k"}  # handed back as it was
    assert survey(point, lambda p: {"a": p["a"], "k": 0 * p["k"]}, lambda p: X[p["k"]].sum()).held == {"k"}
    for claim in (np.ones(2), np.zeros(2)):
        with pytest.raises(InputError, match=r"k is an integer array \(int64\).*k\.astype\(float\)"):
            survey(point, lambda p, c=claim: {"a": p["a"], "k": c}, lambda p: np.sum(p["k"] ** 2))


def test_a_right_check_costs_little_more():
    """One call of the function and one of the gradient, and one with floats for the whole numbers that are moved."""
    found = survey([1.5, 2], lambda _: [1.0, None])
    assert (found.evaluations, found.gradients) == (1, 1)
    assert survey([1.5, 2], lambda _: [1.0, 2.0]).evaluations == 2


def test_the_generators_are_put_back():
    """Whatever the function draws."""
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    survey([1.5, 2], lambda _: [rng.normal(), None], value=lambda p: rng.normal())
    assert rng.bit_generator.state == before


def test_a_claim_for_what_is_no_number_is_refused():
    """A text, or a truth value; None and zero are no claims."""
    for claim in (None, 0.0):
        report = check_gradients(lambda x, on: float(x @ x), X, True, grad=lambda x, on, c=claim: (2 * x, c))
        assert report.verdict is Verdict.CORRECT
    with pytest.raises(InputError, match="a float for on, which is a bool and is not moved"):
        check_gradients(lambda x, on: float(x @ x), X, True, grad=lambda x, on: (2 * x, 5.0))
