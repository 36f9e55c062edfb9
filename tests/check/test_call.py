"""What a call is answered with: a report, or an error that says which tensor is to blame."""

from __future__ import annotations

import numpy as np
import pytest
from tanh_layer import POINT, SIX, X, columns, df, f, noisy, times

from gradcheck import (
    BiasMismatch,
    GradientError,
    InputMismatch,
    UndecidedWarning,
    Verdict,
    WeightMismatch,
    assert_gradients,
    check_gradients,
)
from gradcheck._judge.failure import failure_of

BLAMED = {
    "a weight": (WeightMismatch, lambda: assert_gradients(f, POINT, grad=times(W=2)), "W"),
    "a bias": (BiasMismatch, lambda: assert_gradients(f, POINT, grad=times(b=2)), "b"),
    "an input": (InputMismatch, lambda: assert_gradients(np.tanh, X, vjp=lambda x, u: u * (1 - np.tanh(x))), "x"),
    "a weight above all": (WeightMismatch, lambda: assert_gradients(f, POINT, grad=times(W=2, b=1.0001)), "W"),
    "a bias above all": (BiasMismatch, lambda: assert_gradients(f, POINT, grad=times(W=1.0001, b=2)), "b"),
    "a parameter": (
        WeightMismatch,
        lambda: assert_gradients(lambda p: float(p["k"] @ p["k"]), {"k": POINT["b"]}, grad=lambda p: {"k": p["k"]}),
        "k",
    ),
}


@pytest.mark.parametrize("verdict", Verdict)
def test_what_an_assertion_makes_of_it(verdict):
    """Wrong, broken, wholly undecided and wholly untested raise; correct and kink return the report."""
    error = failure_of(SIX[verdict]())
    expected = {Verdict.CORRECT: None, Verdict.KINK: None, Verdict.WRONG: WeightMismatch}
    assert error is expected.get(verdict, GradientError)


def test_the_idiom_of_torch_works_with_what_asserts():
    """`assert check_gradients(...)` is told what to write."""
    assert assert_gradients(f, POINT, grad=df)
    with pytest.raises(TypeError, match="or call assert_gradients"):
        assert check_gradients(f, POINT, grad=df)


@pytest.mark.parametrize(("error", "call", "name"), BLAMED.values(), ids=BLAMED)
def test_an_assertion_raises_by_the_kind_of_the_worst(error, call, name):
    """The message names the tensor; the error carries the report."""
    with pytest.raises(error, match=name) as caught:
        call()
    assert caught.type is error
    assert caught.value.report.verdict is Verdict.WRONG
    assert name in {e.tensor for e in caught.value.report.wrong}


def test_an_assertion_that_holds_returns_the_report():
    """Without a warning."""
    report = assert_gradients(f, POINT, grad=df)
    assert report.verdict is Verdict.CORRECT


@pytest.mark.parametrize("verdict", [Verdict.BROKEN, Verdict.UNDECIDED, Verdict.UNTESTED])
def test_an_assertion_does_not_pass_what_was_not_shown(verdict):
    """Neither a function that is nan, nor one drowned in noise, nor one that stands still."""
    models = {
        Verdict.BROKEN: (lambda _: np.nan, X[0], np.ones_like),
        Verdict.UNDECIDED: (noisy(3.0), np.array([1.0, 2.0]), lambda x: 2 * x),
        Verdict.UNTESTED: (lambda _: 1.0, X, np.zeros_like),
    }
    function, x, gradient = models[verdict]
    with pytest.raises(GradientError) as caught:
        assert_gradients(function, x, grad=gradient)
    assert caught.type is GradientError
    assert caught.value.report.verdict is verdict


def test_single_entries_that_are_undecided_warn():
    """The rest is correct, so the assertion holds; but it says of how many it says nothing."""
    x = np.array([1.0, 2.0, 3.0, 1.0])

    def f(x):
        rough = float(np.random.default_rng(list(x[3:].tobytes())).standard_normal())
        return float(x[:3] @ x[:3]) + rough * (x[3] != 1)

    report = check_gradients(f, x, grad=lambda x: 2 * x * (np.arange(4) < 3) + 1e-9 * (np.arange(4) == 3), neighbours=0)
    assert report.counts[Verdict.UNDECIDED] == 1
    with pytest.warns(UndecidedWarning, match="1 of 4 entries of .* could not be decided"):
        assert_gradients(f, x, grad=lambda x: 2 * x * (np.arange(4) < 3) + 1e-9 * (np.arange(4) == 3), neighbours=0)


def test_a_broken_call_has_a_report_too():
    """It names the function, keeps the seed and tells what was raised."""

    def fails(_):
        msg = "no such file"
        raise OSError(msg)

    with pytest.raises(GradientError) as caught:
        check_gradients(fails, X, grad=df, seed=3)
    report = caught.value.report
    assert (report.name.split(".")[-1], report.seed, report.verdict) == ("fails", 3, Verdict.BROKEN)
    assert report.problems[0].sentence == "the function raised OSError: no such file"


def test_both_calls_take_the_same():
    """What assert_gradients is given, check_gradients gets."""
    report = assert_gradients(f, POINT, grad=df, seed=5, entries=1, wrt="W", neighbours=0, rtol=1e-3)
    again = check_gradients(f, POINT, grad=df, seed=5, entries=1, wrt="W", neighbours=0, rtol=1e-3)
    assert columns(report) == columns(again)


@pytest.mark.parametrize(
    ("keywords", "said"),
    [
        ({"entries": 5}, ["J: entries= does not apply"]),
        ({"workers": 2, "entries": "all"}, ["J: entries= and workers= do not apply"]),
        ({}, []),
    ],
)
def test_what_does_not_apply_to_a_matrix_is_said(keywords, said):
    """It is measured by columns; a wrong entry is found all the same."""
    jac = lambda x: np.diag(1 - np.tanh(x) ** 2 + [0.1, 0, 0])  # noqa: E731
    report = check_gradients(np.tanh, np.array([0.4, -1.1, 0.7]), jac=jac, **keywords)
    assert [entry.name for entry in report.wrong] == ["J[0,0]"]
    notes = [note for note in report.notes if "apply" in note]
    assert [note.partition(":")[0] + ":" + note.split(":")[1] for note in notes] == said
