"""Is what there is to say about a report put together, and nothing said of what is right?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from causes import CAUSES

from gradcheck import GradientError, InputError, Verdict, _explained, check_gradients
from gradcheck._explained import stands  # itself: in tests it is replaced by one that raises
from gradcheck.networks import FAULTS, specimen
from networks.faults.dense import _kept

X = np.random.default_rng(0).normal(size=(4, 3))


def test_a_wrong_gradient_has_its_causes_as_sentences():
    """The most probable first."""
    report = check_gradients(lambda x: np.sum(np.sin(x)), X, grad=lambda x: 2 * np.cos(x))
    assert report.diagnosis[0].startswith("x: every entry is exactly twice the measured value")
    assert report.stages == ()


def test_a_right_gradient_costs_no_diagnosis():
    """Every evaluation is one of the measurement; what would have been missed is said all the same."""
    calls = []

    def f(x):
        calls.append(x)
        return np.sum(x * x.T)

    report = check_gradients(f, X[:3], grad=lambda x: 2 * x.T)
    assert report.verdict is Verdict.CORRECT
    assert report.diagnosis == report.stages == report.notes == ()
    assert report.evaluations == len(calls)


def test_a_layer_that_is_guilty_speaks_for_the_whole():
    """In which it has consequences alone."""
    fault = FAULTS["tanh_missing"]
    network, *inputs = specimen(fault)
    report = check_gradients(fault.apply(network), *inputs)
    assert "(Tanh) taken alone is wrong: x: the derivative of tanh is missing" in report.diagnosis[0]
    assert not any(sentence.startswith(tuple(report.tensors)) for sentence in report.diagnosis)
    assert any(stage.verdict is Verdict.WRONG for stage in report.stages)


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "made anew"])
def test_a_claim_that_was_kept_is_stale_only_if_it_was_right_elsewhere(kept):
    """Numbers that are wrong everywhere were not kept."""
    first = {}

    def grad(x):
        first.setdefault("right", np.cos(x))
        return first["right"] if kept else np.arange(12.0).reshape(4, 3)

    report = check_gradients(lambda x: np.sum(np.sin(x)), X, grad=grad)
    assert any("stale" in sentence for sentence in report.diagnosis) is kept


@pytest.mark.parametrize("name", [name for name, said in CAUSES.items() if "stale" in said])
def test_every_fault_that_keeps_a_gradient_is_called_stale(name):
    """Wherever the gradient was called first: in a layer that is at the given point, to see what is a parameter."""
    network, *inputs = specimen(FAULTS[name])
    _kept.clear()
    report = check_gradients(FAULTS[name].apply(network), *inputs)
    assert report.verdict is Verdict.WRONG
    assert CAUSES[name] in report.diagnosis[0]


class Weights(NamedTuple):
    W: np.ndarray
    b: np.ndarray
    rounds: int = 2


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "made anew"])
def test_a_claim_that_was_kept_from_the_given_point_is_stale(kept):
    """A term that is forgotten, and shows nearby alone, leaves a claim that is the same everywhere: no stale one."""
    first = {}
    p = Weights(X + 0.0, np.linspace(0.3, 0.7, 3))

    def f(p):
        moving = np.sin(p.W) if kept else X * p.W + np.where(p.W > X, (p.W - X) ** 2, 0) * (np.arange(3) == 1)
        return np.sum(moving) * p.rounds + np.sum(p.b**3)

    def grad(p):
        first.setdefault("W", p.rounds * (np.cos(p.W) if kept else X))
        return Weights(first["W"], 3 * p.b**2, None)

    report = check_gradients(f, p, grad=grad)
    assert report.verdict is Verdict.WRONG
    assert any("stale" in sentence for sentence in report.diagnosis) is kept


def test_the_plain_numbers_that_a_layer_holds_are_read_in_factors():
    """With the name that they have there."""
    fault = FAULTS["dropout_not_scaled"]
    network, *inputs = specimen(fault)
    assert "1 - rate with rate = 0.4" in check_gradients(fault.apply(network), *inputs).diagnosis[0]


NEARBY = {  # what is claimed of x in s tanh(x), for a cotangent u, where s is zero
    "1 - y where 1 - y^2 is meant": lambda x, s, u: u * s * (1 - np.tanh(x)),
    "x is multiplied in once too often": lambda x, s, u: u * s * x / np.cosh(x) ** 2,
    "the cotangent is not multiplied in": lambda x, s, u: s / np.cosh(x) ** 2,
}


@pytest.mark.parametrize("cause", NEARBY)
def test_what_is_wrong_only_nearby_is_explained_there(cause):
    """At the given point, a layer that begins with zeros, nothing can be seen of it; the report is of both points."""
    x = np.random.default_rng(0).normal(size=6)
    report = check_gradients(
        lambda x, s: s * np.tanh(x), x, np.zeros(6), vjp=lambda x, s, u: (NEARBY[cause](x, s, u), u * np.tanh(x))
    )
    assert any(cause in sentence for sentence in report.diagnosis)
    assert all(entry.where.startswith("neighbour") for entry in report.wrong)
    report = check_gradients(
        lambda x, s: s * np.tanh(x), x, np.zeros(6), vjp=lambda x, s, u: (u * s / np.cosh(x) ** 2, u * np.tanh(x))
    )
    assert report.verdict is Verdict.CORRECT


def failing(monkeypatch, error):
    """Check a wrong gradient, where looking for its cause raises."""

    def raising(*_):
        raise error

    monkeypatch.setattr(_explained, "stands", stands)
    monkeypatch.setattr(_explained, "_found", raising)
    return check_gradients(lambda x: np.sum(np.sin(x)), X, grad=lambda x: 2 * np.cos(x))


def test_what_was_measured_stands_where_no_cause_can_be_looked_for(monkeypatch):
    """The mistake is ours, and a note says so."""
    report = failing(monkeypatch, IndexError("axis 1"))
    assert report.verdict is Verdict.WRONG
    assert report.diagnosis == ()
    assert any("looking for one raised IndexError: axis 1, a mistake of gradcheck" in note for note in report.notes)


@pytest.mark.parametrize(
    ("error", "raised"), [(TimeoutError(), GradientError), (InputError("write another"), InputError)]
)
def test_what_ends_a_check_ends_the_search_for_a_cause(monkeypatch, error, raised):
    """An alarm of the user's, and what is said of his call."""
    with pytest.raises(raised):
        failing(monkeypatch, error)
