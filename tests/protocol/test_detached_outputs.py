"""Is it known which outputs carry a gradient?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradcheck import InputError, Verdict, check_gradients
from gradcheck._adapters.function import function
from gradcheck._model.subject import Subject
from gradcheck._options import Options
from gradcheck._protocol import detached_outputs
from gradcheck._results.estimate import Estimate

x = np.random.default_rng(0).uniform(0.5, 1.5, 4)


def both(x):
    return {"y": np.sin(x), "z": x**2}


def pull(x, u):
    return u["y"] * np.cos(x) + u["z"] * 2 * x


def pull_y(x, u):
    return u["y"] * np.cos(x)


def test_an_output_that_hides_its_gradient_is_named():
    """It moves, and a cotangent on it alone gives nothing: the entries themselves are not accused of it."""
    report = check_gradients(both, x, vjp=pull_y)
    assert [(p.verdict, p.tensor) for p in report.problems] == [(Verdict.WRONG, "z")]
    assert report.tensors["x"].verdict is Verdict.CORRECT


def test_another_mistake_is_not_taken_for_it():
    """What comes back of each output is something, though wrong."""
    report = check_gradients(both, x, vjp=lambda x, u: pull(x, u) + u["z"])
    assert report.problems == ()
    assert report.tensors["x"].verdict is Verdict.WRONG


def test_both_mistakes_at_once():
    """The one output that claims something claims the wrong thing."""
    report = check_gradients(both, x, vjp=lambda x, u: 2 * pull_y(x, u))
    assert [p.tensor for p in report.problems] == ["z"]
    assert report.tensors["x"].verdict is Verdict.WRONG


def test_what_is_declared_is_left_out():
    """By its name, or a pattern; the rest is judged as ever."""
    for pattern in ("z", ["z"], "z*"):
        report = check_gradients(both, x, vjp=pull_y, detached=pattern)
        assert report.verdict is Verdict.CORRECT
        assert any("left out: z" in note for note in report.notes)
    assert check_gradients(both, x, vjp=lambda x, u: 2 * pull_y(x, u), detached="z").verdict is Verdict.WRONG


def test_an_output_that_stands_still_may_claim_nothing():
    """A constant, and a number of steps."""

    def f(x):
        return {"y": np.sin(x), "count": np.floor(x), "constant": np.ones(2)}

    assert check_gradients(f, x, vjp=pull_y).verdict is Verdict.CORRECT


def test_where_everything_is_left_out_nothing_was_tested():
    """And nothing is said to be right."""
    assert check_gradients(np.sin, x, vjp=lambda x, u: 0 * x, detached="output").verdict is Verdict.UNTESTED


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: check_gradients(both, x, vjp=pull, detached="w"), r"matches none of the outputs y, z"),
        (lambda: check_gradients(both, x, vjp=pull, detached=3), "detached=3: write a pattern"),
        (lambda: check_gradients(lambda x: x.sum(), x, grad=np.ones_like, detached="y"), "a single number"),
        (lambda: check_gradients(lambda x: x[:0], x, vjp=lambda x, u: 0 * x), "returned an empty array"),
    ],
)
def test_bad_patterns_are_explained(call, match):
    """Names are those of the outputs."""
    with pytest.raises(InputError, match=match):
        call()


def test_integer_outputs_are_ignored_and_that_is_said():
    """They have no derivative."""
    report = check_gradients(lambda x: (np.sin(x), np.argmax(x, keepdims=True)), x, vjp=lambda x, u: u[0] * np.cos(x))
    assert report.verdict is Verdict.CORRECT
    assert any("output [1] is of int64" in note for note in report.notes)


@pytest.mark.parametrize(("uncertainties", "moves"), [(3.0, False), (5.0, True)])
def test_an_output_moves_if_its_slope_is_clear(uncertainties, moves, monkeypatch):
    """By four uncertainties, with steps of a thousandth at most, beyond which it may be another function."""
    steps = []

    def slope(line, floor, finest, scale):
        steps.append(scale)
        return Estimate(uncertainties, 1.0, uncertainties, uncertainties)

    monkeypatch.setattr(detached_outputs.derivative, "slope", slope)
    subject = Subject.of(function(both, (x,), "vjp", Options(vjp=pull)), promote=False).settled()
    assert detached_outputs._moves(subject, "z") is moves
    assert steps == [1e-3]


@pytest.mark.parametrize(("aside", "names"), [(False, []), (True, ["z"])])
def test_of_a_layer_of_ours_the_cause_is_told_instead(aside, names):
    """Its backward is asked part by part; what a framework keeps aside of its values is not."""
    oracle = replace(function(both, (x,), "vjp", Options(vjp=pull_y)), parts=lambda _: [], aside=aside)
    _, problems = detached_outputs.hidden(Subject.of(oracle, promote=False).settled())
    assert [problem.tensor for problem in problems] == names


@pytest.mark.parametrize(("name", "told"), [("z", "output z moves"), ("output", "the output moves")])
def test_what_is_hidden_is_told_with_what_to_write(name, told):
    """If it is meant so, and where to look if it is not."""
    sentence = detached_outputs._sentence(name)
    assert sentence.startswith(f"{told} with the point but claims no gradient")
    assert f"detached={name!r}" in sentence


def test_an_output_whose_gradient_alone_cannot_be_asked_for_is_not_said_to_hide_it():
    """Who refuses a cotangent that is zero elsewhere claims nothing of z by that; the entries are judged as ever."""

    def refuses(x, u):
        if not u["y"].any():
            msg = "no gradient of y"
            raise ValueError(msg)
        return pull(x, u) + u["z"]

    report = check_gradients(both, x, vjp=refuses)
    assert not any("claims no gradient" in problem.sentence for problem in report.problems)
    assert report.tensors["x"].verdict is Verdict.WRONG
