"""Does a check say which mistakes it would have missed?"""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck._diagnose.evidence import Context
from gradcheck._diagnose.power import ONE, by_outputs, power
from gradcheck._diagnose.size import read
from gradcheck._results.report import Report, TensorResult
from gradcheck.networks import CrossEntropy, Dense

RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 4))
W = RNG.normal(size=(4, 4))
SCALES = np.array([1e-30, 1e-12, 1.0, 1e12, 1e20])
SCALED = np.array([[1.0], [1e-7], [2.0], [-1.0]]) * [1, 2, 3, 4]


def said(*args, **keywords):
    return " ".join(check_gradients(*args, **keywords).power)


@pytest.mark.parametrize(
    ("words", "args", "keywords"),
    [
        ("the batch holds one example", (Dense.random(4, 3, RNG), X[:1]), {"loss": CrossEntropy(np.array([1]))}),
        ("it is symmetric", (lambda W: np.sum(W**2) / 2, W + W.T), {"grad": lambda W: W}),
        ("they are all alike", (lambda x: np.sum(x * X[0]), X), {"grad": lambda x: X[0] + 0 * x}),
        (
            "x: 2 of 5 entries move the function by no more than its last digits and were not tested",
            (lambda x: np.sum(np.sqrt(x)), SCALES),
            {"grad": lambda x: 0.5 / np.sqrt(x)},
        ),
        (
            "errors proportional to the gradient are invisible here",
            (lambda x: 0 * x.sum(), X),
            {"grad": lambda x: 0 * x},
        ),
        (
            "weight decay forgotten or doubled would have been missed",
            (lambda p: np.sum(np.tanh(X @ p["W"])), {"W": np.zeros((4, 2))}),
            {"grad": lambda p: {"W": X.T @ (1 - np.tanh(X @ p["W"]) ** 2)}},
        ),
        (
            "a zeroed row would have been missed: too little is known of row 1",
            (lambda W: np.round(np.sum(SCALED * W), 6), W),
            {"grad": lambda W: SCALED + 0 * W},
        ),
    ],
)
def test_a_weak_check_says_what_it_would_have_missed(words, args, keywords):
    """And why."""
    assert words in said(*args, **keywords)


def test_a_strong_check_has_nothing_to_say():
    """A batch of random examples, and random weights, hide none of these."""
    assert said(lambda W: np.sum(np.tanh(X @ W)), W, grad=lambda W: X.T @ (1 - np.tanh(X @ W) ** 2)) == ""


def report(claim, *, uncertainty=1e-12, measured=None):
    """Return the report on a tensor W that is right."""
    claim = np.asarray(claim, dtype=float)
    flat = np.arange(claim.size) if measured is None else np.asarray(measured)
    c = claim.ravel()[flat]
    codes = np.full(len(flat), Verdict.CORRECT, dtype=np.int8)
    small = np.full(len(flat), uncertainty)
    return Report("f", 0, {"W": TensorResult("W", "weight", claim.shape, "float64", flat, c, c, small, c, c, codes)})


def test_what_is_hardly_known_hides_every_mistake():
    """The first of them is named; of what is known well nothing is."""
    assert power(report(X, uncertainty=100.0), Context())[0] == (
        "W: a wrong sign would have been missed: the gradient is not known well enough"
    )
    assert power(report(X), Context()) == ()


@pytest.mark.parametrize(("n", "hidden"), [(1, True), (2, False)])
def test_only_a_batch_of_one_hides_a_forgotten_mean(n, hidden):
    """Not an axis of one, whatever the array is called."""
    sizes = read({"the batch size, the first axis of X": n, "axis 1 of batch": 1})
    assert (ONE in power(report(X), Context(sizes=sizes))) is hidden


def test_of_a_tensor_that_was_screened_its_note_speaks():
    """Of which only a sample was measured."""
    alike = np.ones((6, 7))
    assert power(report(alike, measured=[0, 1, 2]), Context()) != ()
    assert power(report(alike, measured=[0, 1]), Context()) == ()


def test_of_outputs_of_several_sizes_each_has_its_smallest_error():
    """One of which nothing would be seen is named as well; where all are of one size there is nothing to say."""
    assert by_outputs({}) == ()
    said = " ".join(by_outputs({"output[0]": 1e-6, "loss": 2.6e-10, "output[1]": np.inf}))
    assert said.endswith("by size of output: 1e-6 in output[0]; 3e-10 in loss; no error in output[1]")


def test_what_was_lost_says_nothing_of_the_others():
    """They would have shown a wrong sign, and their resolution is their own, whatever the sizes beside them."""
    report = check_gradients(lambda x: np.sum(np.sqrt(x)), SCALES, grad=lambda x: 0.5 / np.sqrt(x))
    assert len(report.power) == 1
    assert report.tensors["x"].resolution < 1e-9
