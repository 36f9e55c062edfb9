"""Does a check say which mistakes it would have missed?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made import tensor

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


def said_of(codes, claims=None, estimates=None, shape=None, uncertainty=1e-12, value=None, sizes=None, **fields):
    """Return what would have been missed in a tensor of such claims, which agree."""
    claims = np.arange(1.0, len(codes) + 1) if claims is None else np.asarray(claims, dtype=float)
    made = tensor(codes, claims, shape, uncertainty=uncertainty, **fields)
    made = replace(made, estimates=claims if estimates is None else np.asarray(estimates, dtype=float))
    values = {} if value is None else {"W": np.asarray(value, dtype=float)}
    return power(Report(name="f", seed=0, tensors={"W": made}), Context(values=values, sizes=read(sizes or {})))


RIGHT, UNTESTED, WRONG = Verdict.CORRECT, Verdict.UNTESTED, Verdict.WRONG


@pytest.mark.parametrize(
    ("uncertainty", "missed"),
    [(0.9, None), (1.2, "a factor 2 would"), (1.9, "a factor 2 would"), (2.3, "a wrong sign")],
)
def test_what_is_unknown_hides_mistakes(uncertainty, missed):
    """A claim may be off by two uncertainties: the largest mistake that is hidden is told."""
    found = said_of([RIGHT] * 3, [2.0, 2.1, 2.2], uncertainty=uncertainty)
    assert [s for s in found if "is not known well enough" in s] == ([found[0]] if missed else [])
    assert not missed or found[0].startswith(f"W: {missed}")


@pytest.mark.parametrize(
    ("claims", "shape", "said"),
    [
        ([1, 2, 2, 3], (2, 2), ["a transposed gradient would have been missed: it is symmetric"]),
        ([1, 2, 3, 4], (2, 2), []),
        ([1, 1, 1], (3,), ["rows shifted by one would have been missed: they are all alike"]),
        ([2, 2, 2, 2], (2, 2), ["a transposed gradient", "rows shifted by one"]),
        ([1], (1, 1), []),
        ([1, 1, 1], (1, 3), []),
        ([1, 2, 3], (1, 3), []),
    ],
)
def test_what_is_alike_hides_where_it_stands(claims, shape, said):
    """Of one row nothing can be shifted."""
    found = said_of([RIGHT] * len(claims), claims, shape=shape)
    assert [any(words in sentence for sentence in found) for words in said] == [True] * len(said)
    assert len(found) == len(said)


@pytest.mark.parametrize(
    ("value", "kind", "said"), [([0, 0], "weight", True), ([0, 1], "weight", False), ([0, 0], "bias", False)]
)
def test_weights_of_zero_hide_their_decay(value, kind, said):
    """A bias has none."""
    found = said_of([RIGHT] * 2, value=value, kind=kind)
    assert any("weight decay" in sentence for sentence in found) is said


def test_entries_that_were_not_tested_are_counted():
    """Those that are zero on both sides, and those that are lost in the last digits, each by themselves."""
    found = said_of([RIGHT, UNTESTED, UNTESTED, UNTESTED], [1, 0, 0, 1e-20], [1, 0, 1e-21, 1e-20])
    assert "W: 1 of 4 entries are zero on both sides and were not tested" in found
    assert "W: 2 of 4 entries move the function by no more than its last digits and were not tested" in found
    invisible = "W: errors proportional to the gradient are invisible here: it is"
    assert said_of([UNTESTED] * 2, [0, 0]) == (f"{invisible} zero",)
    assert said_of([UNTESTED] * 2, [0, 1e-9]) == (f"{invisible} lost in the rounding of the function",)


@pytest.mark.parametrize(("rows", "words"), [(1, "row 0"), (3, "row 0, 1, 2"), (4, "row 0, 1, 2, ...")])
def test_rows_that_might_be_zero_are_told(rows, words):
    """Where what they claim is less than what is unknown of them: three, and that there are more."""
    claims = np.ones((6, 2)) * np.arange(1, 7)[:, None]
    claims[:rows] = 1e-4
    made = replace(
        tensor([RIGHT] * 12, claims.ravel(), (6, 2), uncertainty=1e-3),
        estimates=np.where(claims > 1e-3, claims, 0).ravel(),
    )
    found = power(Report(name="f", seed=0, tensors={"W": made}), Context())
    assert f"W: a zeroed row would have been missed: too little is known of {words}" in found


@pytest.mark.parametrize(("checked", "asked"), [(5, True), (4, False)])
def test_a_tensor_of_which_a_twentieth_was_measured_is_asked(checked, asked):
    """Of fewer its note says what would have been seen."""
    made = tensor([RIGHT] * checked, np.ones(checked), (100,), flat=np.arange(checked))
    made = replace(made, estimates=np.ones(checked))
    found = power(Report(name="f", seed=0, tensors={"W": made}), Context())
    assert bool(found) is asked


def test_nothing_is_said_of_what_is_wrong_or_was_not_checked():
    """It was not missed."""
    assert said_of([RIGHT, WRONG], [1, 1], [1, 2], shape=(2,)) == ()
    assert said_of([], [], shape=(0,)) == ()


def test_a_batch_of_one_hides_its_mean():
    """One of two does not."""
    assert said_of([RIGHT] * 2, sizes={"the batch size": 1})[0].startswith("the batch holds one example")
    assert not any("one example" in s for s in said_of([RIGHT] * 2, sizes={"the batch size": 2}))


def test_the_smallest_error_is_told_by_size_of_output():
    """As a power of ten or so."""
    (said,) = by_outputs({"output[0]": 2e-6, "output[1]": 3e-4, "output[2]": np.inf})
    assert said.endswith("by size of output: 2e-6 in output[0]; 3e-4 in output[1]; no error in output[2]")
    assert by_outputs({}) == ()


def test_of_what_is_zero_here_and_was_seen_nearby_nothing_was_missed():
    """As at a minimum; of another that is zero nearby as well all was."""
    report = check_gradients(lambda x, y: x @ x + 0 * y[0], np.zeros(3), np.ones(2), grad=lambda x, y: (2 * x, 0 * y))
    assert {name: t.verdict for name, t in report.tensors.items()} == {"x": Verdict.CORRECT, "y": Verdict.UNTESTED}
    assert not any(sentence.startswith("x") for sentence in report.power)
    assert any(sentence.startswith("y: errors proportional") for sentence in report.power)
