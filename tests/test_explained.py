"""Is what there is to say about a report put together, and nothing said of what is right?"""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck.networks import FAULTS, specimen

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


def test_the_plain_numbers_that_a_layer_holds_are_read_in_factors():
    """With the name that they have there."""
    fault = FAULTS["dropout_not_scaled"]
    network, *inputs = specimen(fault)
    assert "1 - rate with rate = 0.4" in check_gradients(fault.apply(network), *inputs).diagnosis[0]
