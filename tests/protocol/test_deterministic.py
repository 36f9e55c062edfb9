"""The same call gives the same again and leaves its inputs alone, or the breach is named."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from kept_rules import POINT, X, df, f, only

from gradcheck import Oracle, Verdict, check_gradients
from gradcheck._model import snapshot
from gradcheck._model.subject import Subject
from gradcheck._protocol import deterministic
from gradcheck._protocol.deterministic import changed_inputs, settled


def test_gradients_that_accumulate_are_broken():
    """A buffer that is added to and never cleared: the second call returns twice the first."""
    buffer = {}

    def accumulating(p):
        for name, g in df(p).items():
            buffer[name] = buffer.get(name, 0) + g
        return dict(buffer)

    report = check_gradients(f, POINT, grad=accumulating, neighbours=0)
    assert report.verdict is Verdict.BROKEN
    assert "changes from call to call" in only(report).sentence


def test_accumulation_is_named():
    """If the first call is the right one, twice the first is recognised."""
    calls = itertools.count()

    def accumulating(x):  # the first call is made elsewhere, to find out gradients that are kept
        k = next(calls)
        return 2 * x * max(k, 1)

    report = check_gradients(lambda x: float(np.sum(x**2)), X, grad=accumulating)
    assert "the second call returned twice the first, so gradients accumulate" in only(report).sentence
    assert only(report).tensor == "x"


def test_a_noisy_gradient_is_broken():
    """It changes from call to call by more than rounding: it is neither right nor wrong."""
    calls = itertools.count()
    report = check_gradients(f, POINT, grad=lambda p: df(p) | {"b": df(p)["b"] * (1 + 1e-9 * next(calls))})
    assert only(report).verdict is Verdict.BROKEN
    assert "the gradient of b changes from call to call" in only(report).sentence
    assert report.tensors == {}


@pytest.mark.parametrize("size", [1e-6, 1.0])
def test_a_noisy_function_is_broken(size):
    """The sentence gives both values."""
    calls = itertools.count()
    report = check_gradients(lambda p: f(p) + size * next(calls), POINT, grad=df)
    assert only(report).verdict is Verdict.BROKEN
    assert "the function changes from call to call: first" in only(report).sentence
    assert "fix its seed" in only(report).sentence


def test_a_function_that_differs_in_the_last_place_is_measured():
    """And its jitter is part of the noise: a right gradient stays right."""
    calls = itertools.count()
    report = check_gradients(lambda p: f(p) * (1 + 4e-16 * (next(calls) % 2)), POINT, grad=df)
    assert report.verdict is Verdict.CORRECT


def in_place_forward(p):
    value = f(p)
    p["b"] += 1
    return value


def in_place_backward(p):
    gradient = df(p)
    p["W"] *= 2
    return gradient


def test_a_forward_that_changes_its_input_is_broken():
    """The input is named, and advice given."""
    problem = only(check_gradients(in_place_forward, POINT, grad=df))
    assert problem.verdict is Verdict.BROKEN
    assert problem.sentence == "the function changes its own input b in place; work on a copy of it"
    assert problem.tensor == "b"


def test_a_backward_that_changes_its_input_is_broken():
    """The same, of the gradient function."""
    problem = only(check_gradients(f, POINT, grad=in_place_backward))
    assert problem.verdict is Verdict.BROKEN
    assert problem.sentence == "the gradient function changes its input W in place"


def test_inputs_that_were_changed_are_put_back():
    """The first of them is named, and all are what they were."""
    subject = Subject.of(Oracle(POINT, f, df), promote=False)
    for leaf in subject.leaves.values():
        leaf.array[...] += 1
    assert changed_inputs(subject) == "W"
    assert changed_inputs(subject) == ""
    assert all(np.array_equal(leaf.array, POINT[path]) for path, leaf in subject.leaves.items())


def test_the_jitter_of_equal_calls_is_a_floor_of_the_noise():
    """What two calls at the same point differ by is not known any better."""
    calls = itertools.count()
    subject = Subject.of(Oracle(POINT, lambda p: f(p) + 4e-15 * (next(calls) % 2), df), promote=False)
    subject, problem = settled(subject)
    assert problem is None
    assert subject.rounding() >= 3e-15


def test_a_function_that_works_on_a_copy_keeps_the_rules():
    """Writing to a copy is no breach."""
    assert (
        check_gradients(lambda p: in_place_forward({k: v.copy() for k, v in p.items()}), POINT, grad=df).problems == ()
    )


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_gradient_that_is_not_finite_is_wrong(bad):
    """The function moves, so there was something to compare: the entry is named."""
    report = check_gradients(f, POINT, grad=lambda p: df(p) | {"b": np.array([3.0, bad])})
    assert report.problems == ()
    assert [e.name for e in report.wrong] == ["b[1]"]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_one_output_that_is_not_finite(bad):
    """Of several: there is nothing to compare."""
    report = check_gradients(lambda x: np.where(x > 1, bad, x), X, vjp=lambda x, u: u * (x <= 1))
    assert only(report).verdict is Verdict.BROKEN
    assert "at the given point" in only(report).sentence


def warm(relaxed):
    """Return a solver of a = x^3 + x that goes on where the last call stopped, after three steps each time."""
    state = {"x": 1.0}

    def solved(a):
        for _ in range(3):
            state["x"] -= relaxed * (state["x"] ** 3 + state["x"] - a) / (3 * state["x"] ** 2 + 1)
        return state["x"]

    return solved


@pytest.mark.parametrize("relaxed", [0.3, 0.7])
def test_a_warm_start_is_named(relaxed):
    """The values of equal calls come closer and closer: that is no random number."""
    report = check_gradients(warm(relaxed), 2.3, grad=lambda a: 1 / (3 * warm(1.0)(a) ** 2 + 1))
    assert only(report).verdict is Verdict.BROKEN
    assert "depends on the call before" in only(report).sentence
    assert "a warm start" in only(report).sentence


def test_noise_is_no_warm_start():
    """Of a hundred noisy functions none is said to go on where the last call stopped."""
    rng = np.random.default_rng(0)
    for _ in range(100):
        values = iter(rng.standard_normal(50))
        report = check_gradients(lambda x: float(np.sum(x)) + next(values), X, grad=np.ones_like)  # noqa: B023
        assert "warm start" not in only(report).sentence


@pytest.mark.parametrize(("ratio", "settles"), [(0.3, True), (0.85, True), (0.95, False)])
def test_five_more_calls_must_each_come_closer(ratio, settles):
    """To nine tenths of the move before, as a running mean does."""
    moves = (ratio**k for k in itertools.count(2))
    subject = Subject.of(Oracle(X, lambda _: next(moves), lambda x: x), promote=False)
    assert deterministic._settles(subject, [np.ones(1), np.full(1, ratio)]) is settles
    assert next(moves) == pytest.approx(ratio**7)


def test_what_changes_and_comes_out_in_the_sum_is_told_of_the_output_that_changes_most():
    """Not of the largest, which stays what it was."""
    subject = Subject.of(Oracle(X, lambda x: 0.0, lambda x: x), promote=False).settled()
    first, second = np.array([100.0, 1.0, -1.0, 0.0]), np.array([100.0, -3.0, 1.0, 2.0])
    said = deterministic._why_it_changes(subject, first, second, drew=True)
    assert "first 1, then -3, although the random generators" in said


class Counted:
    """A gradient that counts its calls."""

    def __init__(self, off):
        self.off, self.calls = off, 0

    def __call__(self, x):
        self.calls += 1
        return np.cos(x) + self.off(self.calls, len(x))


OFF = {
    "the same each time": (lambda *_: 0.0, "CORRECT"),
    "another at each call": (lambda call, _: 1e-3 * call, "BROKEN"),
    "another in one entry": (lambda call, n: 1e-3 * (call % 2) * (np.arange(n) == n - 1), "BROKEN"),
    "another rounding": (lambda call, _: 1e-16 * (call % 2), "CORRECT"),
}


@pytest.mark.parametrize(("off", "verdict"), OFF.values(), ids=OFF)
def test_vast_claims_are_compared_with_those_of_a_file(off, verdict, monkeypatch):
    """Those of the first call stand there, while the second is made."""
    monkeypatch.setattr(snapshot, "VAST", 20)
    report = check_gradients(lambda x: float(np.sin(x).sum()), np.linspace(0.3, 1.3, 30), grad=Counted(off))
    assert report.verdict.name == verdict
    assert ("the gradient of x changes from call to call" in " ".join(str(report).split())) is (verdict == "BROKEN")


def test_what_vast_claims_break_is_said_beside_them(monkeypatch):
    """The first claims are in the report, whatever became of the second call."""
    monkeypatch.setattr(snapshot, "VAST", 20)

    def once(x, calls=[]):  # noqa: B006
        calls.append(1)
        if len(calls) == 3:  # the first is at a neighbour
            msg = "gone"
            raise RuntimeError(msg)
        return np.cos(x)

    report = check_gradients(lambda x: float(np.sin(x).sum()), np.linspace(0.3, 1.3, 30), grad=once)
    assert report.verdict.name == "BROKEN"
    assert "the second call of the gradient function failed" in " ".join(str(report).split())


@pytest.mark.parametrize(("vast", "filed"), [(2, True), (3, False)])
def test_only_vast_claims_wait_in_a_file(vast, filed, monkeypatch):
    """Others are no more than are worth it; both come back as they were."""
    monkeypatch.setattr(snapshot, "VAST", vast)
    waiting = deterministic._Waiting({"x": np.arange(3.0)})
    assert isinstance(waiting._claims["x"], tuple) is filed
    assert waiting.claims()["x"].tolist() == [0, 1, 2]
