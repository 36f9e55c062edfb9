"""A claim that is the same everywhere is wrong where chance made it right, and else it speaks of the given point."""

from __future__ import annotations

import numpy as np
import pytest
from tested import under_test

from gradcheck import Verdict, check_gradients
from gradcheck._entries.constant import BEFOREHAND, UNCHANGING, constant, judged

X = np.array([0.7, -1.2, 3.0])
CORRECT = frozenset({Verdict.CORRECT})
KEPT = np.zeros(3)


def verdict_on(claim, x=X, verdicts=CORRECT):
    """Return which tensors of one are wrong, and what is said."""
    tested = under_test(lambda x: float(np.sum(x**3)), np.asarray(claim, dtype=float), np.asarray(x, dtype=float))
    found = judged([tested], {"x": verdicts})
    return bool(found.wrong), found.note


def test_what_is_the_same_is_the_same_to_the_last_bit():
    """Of all tensors, of which there must be one."""
    assert constant({"x": X, "y": X}, {"x": X.copy()})
    assert not constant({"x": X}, {"x": np.nextafter(X, 9)})
    assert not constant({"x": X, "y": X}, {"x": X, "y": 2 * X})
    assert not constant({"x": X}, {})


@pytest.mark.parametrize(
    ("claim", "x"),
    [([1, 2, 3], [0, 0, 0]), ([1, 2, 3], [0, 1, 2]), ([2, 3, 5], [1, 1, 1]), ([1, 1, 1], X), ([3], [1]), ([3], [0])],
    ids=["zeros", "a zero", "ones", "a simple claim", "one", "nothing"],
)
def test_chance_is_not_believed(claim, x):
    """Neither at a special point, nor of all ones."""
    assert verdict_on(claim, x) == (True, UNCHANGING)


@pytest.mark.parametrize(("claim", "x"), [([1, 2, 3], X), ([1, 2, 3], [1, 2, 3]), ([3], [1.3])])
def test_numbers_that_no_chance_makes_right_were_computed(claim, x):
    """For this point: it is said that they are wrong nearby, and nobody is accused."""
    assert verdict_on(claim, x) == (False, BEFOREHAND)


@pytest.mark.parametrize("verdict", [Verdict.KINK, Verdict.UNDECIDED, Verdict.BROKEN])
def test_a_claim_at_a_kink_is_a_choice(verdict):
    """Whatever else the point is."""
    assert verdict_on([1, 2, 3], np.zeros(3), CORRECT | {verdict}) == (False, BEFOREHAND)


@pytest.mark.parametrize("verdict", [Verdict.KINK, Verdict.UNTESTED, Verdict.CORRECT])
def test_a_gradient_of_nothing_is_no_choice(verdict):
    """At a kink or a minimum, if f moves elsewhere; nothing is said of what could not be decided."""
    assert verdict_on([0, 0, 0], np.zeros(3), frozenset({verdict})) == (True, UNCHANGING)
    assert verdict_on([0], [1.3], frozenset({verdict})) == (True, UNCHANGING)
    assert verdict_on([0, 0, 0], np.zeros(3), frozenset({verdict, Verdict.UNDECIDED})) == (False, BEFOREHAND)


@pytest.mark.parametrize(
    ("nothing", "verdict"),
    [(lambda x: 0 * x, Verdict.WRONG), (np.zeros_like, Verdict.WRONG), (lambda _: KEPT, Verdict.KINK)],
    ids=["times zero", "zeros", "kept"],
)
def test_a_missing_gradient_is_wrong_at_a_kink(nothing, verdict):
    """But zeros that were computed beforehand, or right nearby, are a legal choice there."""
    assert check_gradients(lambda x: np.sum(np.abs(x)), np.zeros(3), grad=nothing).verdict is verdict
    assert check_gradients(lambda x: np.sum(np.abs(x)), np.zeros(3), grad=np.sign).verdict is Verdict.KINK


def test_a_missing_gradient_is_wrong_at_a_minimum():
    """Where it is right by chance."""
    assert check_gradients(lambda x: np.sum(1 - np.cos(x)), np.zeros(3), grad=lambda x: 0 * x).verdict is Verdict.WRONG
    assert check_gradients(lambda x: np.sum(1 - np.cos(x)), np.zeros(3), grad=lambda _: KEPT).verdict is Verdict.CORRECT


def test_one_tensor_that_was_computed_speaks_for_all():
    """Biases of zero beside weights."""
    tensors = [
        under_test(lambda x: float(np.sum(x**3)), np.array([1.0, 2]), np.array(x)) for x in ([0.5, 0.7], [0.0, 0])
    ]
    assert not judged(tensors, {"x": CORRECT}).wrong


def test_a_gradient_of_a_variable_of_outside_is_wrong():
    """It is right where that variable is the point, and is told by its name; a closure is as good as a global."""

    def wrong_of(grad):
        return [t.note for t in check_gradients(lambda x: np.sum(x**3), X, grad=grad).tensors.values() if t.wrong]

    def closed(inner):
        return lambda _: 3 * inner**2

    assert "uses X from outside" in wrong_of(lambda _: 3 * X**2)[0]
    assert "uses inner from outside" in wrong_of(closed(X.copy()))[0]
    two = np.array([0.7, -1.2])
    report = check_gradients(lambda x: np.sum(x**3), two, grad=closed(two.copy()))
    assert "uses inner from outside" in report.tensors["x"].note
    known = 3 * X**2
    assert wrong_of(lambda _: known) == wrong_of(lambda _: np.array([1.47, 4.32, 27.0])) == []


def test_what_is_said_stands_in_the_report():
    """Beside the tensor where it is wrong, else as a note."""
    x = np.zeros(3)
    report = check_gradients(lambda x: x.sum() + (x @ x) ** 2, x, grad=np.ones_like)
    assert report.tensors["x"].note == UNCHANGING
    known = 3 * X**2
    assert check_gradients(lambda x: np.sum(x**3), X, grad=lambda _: known).notes == (BEFOREHAND,)
    assert check_gradients(np.sum, X, grad=np.ones_like).notes == ()
