"""A backward that is not linear in its cotangent is named, with the property that fails."""

from __future__ import annotations

import itertools
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from kept_rules import X, only

from gradcheck import Oracle, Verdict, check_gradients
from gradcheck._model.subject import Subject
from gradcheck._protocol import linear as linear_rules
from gradcheck._protocol.rounding import NUDGES


def pullback(x, u):
    return 3 * x**2 * u


def cubes(vjp, x=X, **keywords):
    """Check a pullback of the cube."""
    return check_gradients(lambda x: x**3, x, vjp=vjp, **keywords)


NONLINEAR = {
    "clipped at ten": (lambda x, u: pullback(x, np.clip(u, -10, 10)), "a large cotangent must not be clipped"),
    "clipped to a norm": (
        lambda x, u: pullback(x, u * min(1.0, 100 / (np.linalg.norm(u) + 1e-300))),
        "a large cotangent must not be clipped",
    ),
    "squared": (lambda x, u: pullback(x, u * np.abs(u)), "twice the cotangent must give twice the gradient"),
    "a constant too much": (lambda x, u: pullback(x, u) + 1e-3, "a zero cotangent must give a zero gradient"),
    "the cotangent ignored": (lambda x, u: 3 * x**2, "a zero cotangent must give a zero gradient"),
    "its sign alone": (lambda x, u: pullback(x, np.sign(u)), "twice the cotangent must give twice the gradient"),
    "its largest entry alone": (
        lambda x, u: pullback(x, u * (np.abs(u) == np.abs(u).max())),
        "the gradients of two cotangents must add up",
    ),
    "the norm of the cotangent": (
        lambda x, u: pullback(x, np.full_like(x, np.linalg.norm(u))),
        "the opposite cotangent must give the opposite gradient",
    ),
}


@pytest.mark.parametrize(("vjp", "sentence"), NONLINEAR.values(), ids=NONLINEAR)
def test_a_backward_that_is_not_linear_is_wrong(vjp, sentence):
    """The sentence says which property fails, and for which array."""
    report = cubes(vjp)
    assert report.verdict is Verdict.WRONG
    assert sentence in only(report).sentence
    assert "of x does not" in only(report).sentence
    assert only(report).tensor == "x"


@pytest.mark.parametrize(("precision", "times"), [("double", 4 + 1), ("as-is", 6 + 1)])
def test_four_gradients_show_it_in_double_precision(precision, times):
    """In a coarser one, where small parts are lost beside large ones, each rule has its own; one is of the memory."""
    seen = []

    def noted(x, u):
        seen.append(u.copy())
        return pullback(x, u)

    report = cubes(noted, X if precision == "double" else X.astype(np.float32), precision=precision, neighbours=0)
    assert report.verdict is Verdict.CORRECT
    others = [u for u in seen if not np.array_equal(u, seen[0])]
    assert len(others) == times


def test_the_size_of_a_lone_cotangent_is_not_enough():
    """Of one output the cotangent is one: only the opposite one shows that its sign was lost."""
    report = check_gradients(lambda x: np.sin(x[0, 0]), X, vjp=lambda x, u: np.cos(x) * np.abs(u) * (x == x[0, 0]))
    assert report.wrong == ()
    assert "the opposite cotangent must give the opposite gradient" in only(report).sentence


@pytest.mark.parametrize("seed", [10, 11, 12, 17])
def test_each_output_is_asked_with_the_opposite_sign(seed):
    """Whatever weights are drawn: one that is more than twice its neighbour does not hide what is done to one sign."""
    x, signs = np.array([0.3, -1.2, 2.0]), set()

    def vjp(x, u):
        signs.update(enumerate(np.sign(u).tolist()))
        return np.cos(x) * u[1:] + u[0]

    check_gradients(lambda x: np.array([x.sum(), *np.sin(x)]), x, vjp=vjp, seed=seed, neighbours=0)
    assert {sign for _, sign in signs} == {-1.0, 0.0, 1.0}
    assert len(signs) == 4 * 3


@pytest.mark.parametrize("precision", ["double", "as-is"])
def test_half_precision_holds_no_large_cotangent(precision):
    """An overflow of our own making is no fault of the backward; a clamp is found by a smaller one."""
    x = X.astype(np.float16)
    assert cubes(pullback, x, precision=precision).problems == ()
    clipped = cubes(lambda x, u: pullback(x, np.clip(u, -200, 200)), x, precision=precision)
    assert "a large cotangent must not be clipped" in only(clipped).sentence


def test_a_clipped_backward_is_right_entry_by_entry():
    """At the cotangent of the check every entry agrees; only the protocol sees the clamp."""
    report = cubes(NONLINEAR["clipped at ten"][0])
    assert report.wrong == ()
    assert report.tensors["x"].verdict is Verdict.CORRECT


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_linear_backward_is_not_accused(dtype):
    """In double precision and in single, of large outputs and of a zero gradient."""
    assert cubes(pullback, X.astype(dtype)).problems == ()
    assert cubes(pullback, X.astype(dtype), precision="as-is").problems == ()
    assert check_gradients(lambda x: 1e9 * x, X, vjp=lambda _, u: 1e9 * u).problems == ()
    assert check_gradients(lambda x: 0 * x, X, vjp=lambda _, u: 0 * u).problems == ()


def test_a_backward_that_refuses_a_zero_cotangent():
    """What it raises is told, with the cotangent it was given."""

    def vjp(x, u):
        if not u.any():
            msg = "nothing to do"
            raise RuntimeError(msg)
        return pullback(x, u)

    problem = only(cubes(vjp))
    assert problem.verdict is Verdict.BROKEN
    assert "the backward raised RuntimeError: nothing to do (a zero cotangent" in problem.sentence


def test_the_gradient_of_one_number_has_no_cotangent():
    """There is nothing to test, and no call is made for it."""
    calls = itertools.count()

    def counted(x):
        next(calls)
        return 3 * x**2

    report = check_gradients(lambda x: float(np.sum(x**3)), X, grad=counted, neighbours=0)
    assert report.problems == ()
    assert next(calls) == report.gradients == 3


def test_a_pullback_that_writes_into_the_cotangent():
    """It is given a copy each time, or the breach is named: either way no right gradient is called wrong."""

    def careless(x, u):
        u *= 3 * x**2
        return u

    report = cubes(careless)
    assert report.wrong == ()
    assert not [p for p in report.problems if p.verdict is Verdict.WRONG]


def test_an_infinite_entry_hides_no_other():
    """The others are compared as ever, whatever becomes of an infinity that is taken from itself."""
    x = np.array([0.0, 1.0, 2.0])

    def clipped(x, u):
        return 0.5 * np.clip(u, -4, 4) / np.sqrt(x)

    with np.errstate(divide="ignore", invalid="ignore"):
        assert check_gradients(np.sqrt, x, vjp=lambda x, u: 0.5 * u / np.sqrt(x)).verdict is Verdict.CORRECT
        assert "a large cotangent must not be clipped" in only(check_gradients(np.sqrt, x, vjp=clipped)).sentence


DOUBLE, BRAIN = 2.0**-52, 2.0**-7


@pytest.mark.parametrize(
    ("got", "expected", "eps", "residue", "same"),
    [
        ([], [], DOUBLE, 0.0, True),
        ([1.0, 2.0], [1.0, 2.0 + 3e-11], DOUBLE, 0.0, True),  # a hundred thousand roundings of the largest are 4e-11
        ([1.0, 2.0], [1.0, 2.0 + 6e-11], DOUBLE, 0.0, False),
        ([1.0, 2.0], [1.0, 2.0 + 6e-11], DOUBLE, 3e-11, True),
        ([1.0, 2.0], [1.0, 2.18], BRAIN, 0.0, True),  # in any precision a tenth of the largest is the most
        ([1.0, 2.0], [1.0, 2.3], BRAIN, 0.0, False),
        ([2.3], [2.0], BRAIN, 0.0, False),
        ([5.0, 1.0], [np.inf, 1.0], DOUBLE, 0.0, True),  # what is infinite has no multiples
        ([np.nan, 1.0], [2.0, 1.0], DOUBLE, 0.0, False),
        ([np.inf, 1.0], [2.0, 1.0], BRAIN, 0.0, True),  # less than double precision may overflow
    ],
)
def test_which_gradients_are_the_same_to_rounding(got, expected, eps, residue, same):
    """Relative to the largest entry of either."""
    assert linear_rules._proportional(np.array(got), np.array(expected), eps, residue) is same


def test_of_a_long_gradient_some_twenty_thousand_entries_are_compared():
    """Evenly among all; a shorter one is taken whole."""
    whole = np.arange(20_000.0).reshape(100, 200)
    assert linear_rules._thinned({"x": whole})["x"] is whole
    assert np.array_equal(linear_rules._thinned({"x": np.arange(60_001.0)})["x"], np.arange(0.0, 60_001.0, 3.0))


@pytest.mark.parametrize(("limit", "found"), [(0.7, True), (1.5, False)])
def test_a_clamp_is_looked_for_up_to_a_million(limit, found):
    """2^20 times the cotangent: what is clipped beyond that is not met in training either."""
    largest = []

    def clamped(x, u):
        largest.append(float(np.abs(u).max()))
        return pullback(x, np.clip(u, -limit * 2**20 * largest[0], limit * 2**20 * largest[0]))

    assert (cubes(clamped).verdict is Verdict.WRONG) is found


def test_a_nudged_cotangent_is_rounded_otherwise_in_half_precision_too():
    """By thirds of its last place: each of three roundings is met more than once, with other digits behind it."""
    asked = []
    backward = SimpleNamespace(
        at=lambda u: asked.append(np.float16(u)) or {}, u=np.ones(1), subject=SimpleNamespace(eps=2.0**-52)
    )
    for n in range(NUDGES + 1):
        linear_rules._Backward.nudged(backward, n)(backward.u)
    assert [*Counter(float(u[0]) for u in asked).values()] == [2, 3, 2]


def test_a_backward_that_rounds_to_half_precision_inside_is_not_accused():
    """What comes and goes is in double precision, and there that is no last place."""

    def rounded(u):
        shifted = u * (2.0**42 + 1)
        return shifted - (shifted - u)  # T. Dekker's way to keep eleven digits

    assert rounded(np.array([1 + 2.0**-12])) == 1
    assert cubes(lambda x, u: pullback(x, rounded(u))).problems == ()


@pytest.mark.parametrize(("off", "found"), [(0.7e-3, False), (1.5e-3, True)])
def test_what_a_large_cotangent_loses_is_a_clamp_from_a_thousandth_on(off, found):
    """Of the largest entry: less are digits that were lost, as of a sum in half precision."""
    report = cubes(lambda x, u: pullback(x, u) * (1 - off * (np.abs(u).max() > 1e5)))
    assert bool(report.problems) is found


@pytest.mark.parametrize("n", range(1, NUDGES + 1))
def test_what_a_nudged_cotangent_has_more_is_taken_off_its_gradient(n):
    """But for eight units of the last place each time: what is left is rounding, and no slope."""
    u = np.array([1.0, -3.0, 0.7])
    backward = SimpleNamespace(at=lambda u: {"x": 3 * u}, u=u, subject=SimpleNamespace(eps=DOUBLE))
    off = linear_rules._Backward.nudged(backward, n)(u)["x"] / (3 * u) - 1
    assert np.abs(off).max() <= (8 * n + 4) * DOUBLE
    assert np.abs(off).min() >= (8 * n - 4) * DOUBLE


def test_equal_cotangents_are_added_to_others_of_either_sign():
    """Who keeps of all of them the mean size and one sign is right for equal ones, doubled, opposite, or large."""
    point, u = X.ravel()[:5], np.ones(5)

    def averaged(x, u):
        return pullback(x, np.abs(u).mean() * np.sign(u.sum()))

    report = check_gradients(Oracle(point, lambda x: x**3, lambda x: averaged(x, u), cotangent=u, pullback=averaged))
    assert "the gradients of two cotangents must add up" in only(report).sentence


@pytest.mark.parametrize("u", [np.ones(6), -np.ones(6), np.ones(5), np.array([1.0, 1, -1, 1, -1, -1])])
@pytest.mark.parametrize(
    "kept",
    [
        lambda u: np.maximum(u, 0),
        lambda u: np.minimum(u, 0),
        lambda u: np.abs(u).max() * np.sign(u),
    ],
    ids=["positive", "negative", "all alike"],
)
def test_what_is_right_of_equal_cotangents_alone_is_found(kept, u):
    """A backward that keeps those of one sign, or the sign alone: with no other point nearby."""
    point = np.linspace(0.4, 1.6, len(u))
    claim = pullback(point, u)

    def spoiled(x, c):
        return claim if np.array_equal(c, u) else pullback(x, kept(c))

    oracle = Oracle(point, lambda x: x**3, lambda x: spoiled(x, u), cotangent=u, pullback=spoiled)
    assert check_gradients(oracle, neighbours=0).problems


@pytest.mark.parametrize(("off", "found"), [(4e-3, True), (4e-13, False)])
def test_where_no_slope_is_known_nothing_is_granted_for_it(off, found):
    """A tensor of which nothing was measured is held to rounding alone."""

    def bent(x, u):
        return pullback(x, u * (1 + off * (1.5 < np.abs(u).max() < 100)))

    point, u = X.ravel(), np.ones(X.size)
    subject = Subject.of(
        Oracle(point, lambda x: x**3, lambda x: bent(x, u), cotangent=u, pullback=bent), promote=False
    ).settled()
    assert bool(linear_rules.linear(subject, subject.claims(), {}, hasty=False)) is found


def test_another_cotangent_is_of_the_opposite_sign_and_half_or_two_and_a_half_times_its_neighbour():
    """So of equal ones the sum is 1 - 1/2 and 1 - 5/2, of both signs and exactly; what is left out stays so."""
    for u, other in (
        ([2.0, -3.0, 4.0], [-2.0, 5.0, -1.5]),
        ([1.0, 1.0, 1.0, 1.0], [-0.5, -2.5, -0.5, -2.5]),
        ([1.0, 0.0, 3.0], [-1.5, 0.0, 0.0]),
    ):
        backward = SimpleNamespace(u=np.array(u))
        assert linear_rules._Backward.other.func(backward).tolist() == other
