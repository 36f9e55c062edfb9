"""An oracle is three fields, and its names tell what kind of tensor each is."""

from __future__ import annotations

import traceback
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from points import POINT, X, gradient, value

from gradcheck import GradientError, Oracle, Verdict, check_gradients
from gradcheck._model.oracle import OURS, calling, guess_kind, kind_among
from gradcheck._results.errors import CallError


def test_a_wrong_oracle_is_found():
    """Three fields are enough to find which entry of which array is wrong."""
    report = check_gradients(Oracle(POINT, value, lambda p: gradient(p) | {"b": np.array([1.0, 2.0])}, name="energy"))
    assert [e.name for e in report.wrong] == ["b[1]"]
    assert report.name == "energy"


def test_a_right_oracle_is_correct():
    """Of one array, of a nest of them, and of several outputs with a cotangent."""
    assert check_gradients(Oracle(POINT, value, gradient)).verdict is Verdict.CORRECT
    assert check_gradients(Oracle(X, lambda x: float(x @ x), lambda x: 2 * x)).verdict is Verdict.CORRECT
    u = np.array([1.0, -2.0, 0.5])
    report = check_gradients(Oracle(X, np.square, lambda x: 2 * x * u, cotangent=u))
    assert report.verdict is Verdict.CORRECT


def test_an_oracle_at_a_kink_is_not_judged():
    """The absolute value at zero."""
    report = check_gradients(Oracle(np.zeros(1), lambda x: float(abs(x[0])), np.zeros_like), neighbours=0)
    assert report.verdict is Verdict.KINK


def test_only_what_is_asked_for_must_be_claimed():
    """With wrt= the gradient may leave the others out."""
    report = check_gradients(Oracle(POINT, value, lambda p: {"b": np.ones(2)}), wrt="b")
    assert list(report.tensors) == ["b"]
    assert report.verdict is Verdict.CORRECT


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("W", "weight"),
        ("W12", "weight"),
        ("layers[0].W", "weight"),
        ("conv.kernel", "weight"),
        ("enc.weight_ih_l0", "weight"),
        ("gamma", "weight"),
        ("b", "bias"),
        ("b_2", "bias"),
        ("enc.bias_hh_l0", "bias"),
        ("in_proj_bias", "bias"),
        ("layers[3].b", "bias"),
        ("beta", "bias"),
        ("x", "parameter"),
        ("theta", "parameter"),
        ("labels", "parameter"),
        ("web", "parameter"),
        ("W.enc[0]", "parameter"),
    ],
)
def test_the_kind_is_read_from_the_name(name, kind):
    """Of its last part, whatever its number."""
    assert guess_kind(name) == kind


@pytest.mark.parametrize(
    ("name", "beside", "kind"),
    [
        ("beta", [], "parameter"),
        ("beta", ["theta"], "parameter"),
        ("norm.beta", ["gamma"], "parameter"),
        ("norm.beta", ["norm.gamma"], "bias"),
        ("b", ["a"], "parameter"),
        ("b1", ["W1"], "bias"),
        ("bias", [], "bias"),
    ],
)
def test_the_coefficients_of_a_regression_are_no_bias(name, beside, kind):
    """Where no weight stands beside it, beta is not the shift of a normalisation."""
    assert kind_among(name, [name, *beside]) == kind


def test_the_guard_is_entered_and_left():
    """Around all calls, and left when one of them raises."""
    events = []

    class Guard:
        def __enter__(self):
            events.append("in")

        def __exit__(self, *_):
            events.append("out")

    def f(x):
        assert events == ["in"]
        return float(x @ x)

    oracle = Oracle(X, f, lambda x: 2 * x, guard=Guard)
    check_gradients(oracle)
    assert events == ["in", "out"]
    events.clear()
    with pytest.raises(CallError):
        check_gradients(replace(oracle, gradient=lambda _: 1 / 0))
    assert events == ["in", "out"]


def test_a_traceback_begins_with_the_users_own_frames():
    """Of ours there is the call alone: nobody looks for his mistake in them."""

    def deeper(x):
        return x / []

    def f(x):
        return deeper(x)

    with pytest.raises(GradientError) as caught:
        check_gradients(f, np.ones(3), grad=np.ones_like)
    shown = traceback.extract_tb(caught.value.__cause__.__traceback__)
    assert [frame.name for frame in shown] == ["f", "deeper"]
    ours = [
        frame for frame in traceback.extract_tb(caught.value.__traceback__) if "_check" in Path(frame.filename).parts
    ]
    assert len(ours) == 1
    assert len(traceback.extract_tb(caught.value.__traceback__)) == 2


def test_what_our_own_code_raises_keeps_its_frames():
    """There is nothing else to show."""
    inner = compile("def g():\n    raise ValueError", OURS + "model/x.py", "exec")
    names = {}
    exec(inner, names)
    with pytest.raises(CallError) as caught, calling("the function"):
        names["g"]()
    assert traceback.extract_tb(caught.value.__cause__.__traceback__)[-1].name == "g"


def test_an_exception_that_cannot_say_what_it_means_is_told_by_its_name():
    """Its text raises; what is raised has its class, and it as the cause."""

    class MuteError(Exception):
        def __str__(self):
            raise ValueError

    def f(_):
        raise MuteError

    with pytest.raises(GradientError, match=r"the function raised MuteError$") as caught:
        check_gradients(f, np.ones(3), grad=np.ones_like)
    assert type(caught.value.__cause__) is MuteError
